import Dispatch
import Glibc
import NIOConcurrencyHelpers
import TPoTSystem

/// Writes lines to standard error on a separate queue.
/// A pipe that is not read therefore blocks no caller, such as an event loop.
final class ErrorLines: Sendable {
    static let standard: ErrorLines = {
        // However the process ends, its last lines are written first.
        atexit { ErrorLines.standard.flush(within: .seconds(1)) }
        return ErrorLines { StandardStream.error.put($0) }
    }()

    /// The maximum number of bytes that wait. Lines beyond it are lost and counted.
    static let waitingAtMost = 1024 * 1024

    private struct State {
        var waiting: [UInt8] = []
        var lost = 0
        var isWriting = false
    }

    private let state = NIOLockedValueBox(State())
    private let queue = DispatchQueue(label: "tpot.stderr")
    private let write: @Sendable ([UInt8]) -> Void

    /// - Parameter write: writes whole lines; it may block.
    init(write: @escaping @Sendable ([UInt8]) -> Void) {
        self.write = write
    }

    func print(_ line: String) { put(Array(line.utf8) + [UInt8(ascii: "\n")]) }

    /// - Parameter line: with its line break.
    func put(_ line: [UInt8]) {
        let begins = state.withLockedValue { state in
            guard state.waiting.count + line.count <= Self.waitingAtMost else {
                state.lost += 1
                return false
            }
            state.waiting += line
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if begins { queue.async { self.drain() } }
    }

    private func drain() {
        while let lines = next() { write(lines) }
    }

    private func next() -> [UInt8]? {
        state.withLockedValue { state in
            guard !state.waiting.isEmpty || state.lost > 0 else {
                state.isWriting = false
                return nil
            }
            var lines: [UInt8] = []
            swap(&lines, &state.waiting)
            if state.lost > 0 {
                let lost = state.lost == 1 ? "1 line was" : "\(state.lost) lines were"
                lines += "tpot: \(lost) lost: standard error was not read\n".utf8
                state.lost = 0
            }
            return lines
        }
    }

    /// Returns when everything is written, or after `limit`.
    func flush(within limit: DispatchTimeInterval) {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + limit)
    }
}
