import DequeModule
import Synchronization

/// The last lines of the program's log. Any thread may write. Lines are numbered from 0 and keep their numbers.
package final class LogBuffer: Sendable {
    private struct State {
        var lines: Deque<LogLine> = []
        var dropped = 0
        var onAppend: (@Sendable () -> Void)?
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: the number of lines to keep.
    package init(limit: Int = 2000) {
        self.limit = max(1, limit)
    }

    package func append(_ line: LogLine) {
        let onAppend = state.withLock { state in
            state.lines.append(line)
            if state.lines.count > limit {
                state.lines.removeFirst()
                state.dropped += 1
            }
            return state.onAppend
        }
        onAppend?()
    }

    /// - Parameter action: called after each line, on the thread that wrote it. It should only wake another thread.
    package func onAppend(_ action: (@Sendable () -> Void)?) {
        state.withLock { $0.onAppend = action }
    }

    /// The numbers of the kept lines.
    package var range: Range<Int> {
        state.withLock { $0.dropped..<$0.dropped + $0.lines.count }
    }

    package func lines(_ range: Range<Int>) -> [LogLine] {
        state.withLock { state in
            let kept = range.clamped(to: state.dropped..<state.dropped + state.lines.count)
            return kept.map { state.lines[$0 - state.dropped] }
        }
    }
}

/// A line of the program's own log.
package struct LogLine: Hashable, Sendable {
    package enum Level: Hashable, Sendable {
        case debug, info, warning, error
    }

    /// Nanoseconds since 1970, UTC.
    package var unixNanoseconds: Int64
    package var level: Level
    /// May hold text from the network. Control characters are made visible when it is drawn.
    package var text: String

    package init(unixNanoseconds: Int64, level: Level, text: String) {
        self.unixNanoseconds = unixNanoseconds
        self.level = level
        self.text = text
    }
}
