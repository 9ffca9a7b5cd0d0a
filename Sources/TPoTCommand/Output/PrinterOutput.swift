import Dispatch
import Glibc
import NIOConcurrencyHelpers
import TPoTSystem
import TPoTTraffic

/// Where the printer's lines go: a pipe whose reader may leave, or a file on a disk that may be full. The tunnel goes on with a
/// full disk, and ends when nobody reads.
final class PrinterOutput: Sendable {
    private struct State {
        var isClosed = false
        /// Lines that were lost and not told.
        var lost = 0
        /// It was told that lines are lost, and not yet that they go on.
        var isTold = false
        /// A disk may be full again and again: it is told once in ``interval``.
        var lastTold: ContinuousClock.Instant?
        /// The last write ended within a line.
        var isInLine = false
    }

    static let interval = Duration.seconds(60)

    private let state = NIOLockedValueBox(State())
    private let write: @Sendable ([UInt8]) -> (written: Int, error: Int32)
    private let diagnostics: HeadlessPrinter.Diagnostics
    private let whenClosed: @Sendable () -> Void

    /// - Parameters:
    ///   - write: takes bytes; says how many were written, and the `errno` that ended it.
    ///   - whenClosed: called once, when the reader has gone.
    init(
        write: @escaping @Sendable ([UInt8]) -> (written: Int, error: Int32),
        diagnostics: @escaping HeadlessPrinter.Diagnostics,
        whenClosed: @escaping @Sendable () -> Void
    ) {
        self.write = write
        self.diagnostics = diagnostics
        self.whenClosed = whenClosed
    }

    /// Writes whole lines; called by one thread at a time.
    func put(_ lines: [UInt8]) {
        var state = state.withLockedValue { $0 }
        guard !state.isClosed else { return }
        let newline = UInt8(ascii: "\n")
        let (written, error) = write(state.isInLine ? [newline] + lines : lines)
        if written > 0, state.isTold {
            diagnostics("standard output takes lines again; \(Self.count(state.lost)) lost")
            state.lost = 0
            state.isTold = false
        }
        let rest = lines.dropFirst(max(0, written - (state.isInLine ? 1 : 0)))
        if written > 0 {
            state.isInLine = !rest.isEmpty && rest.count < lines.count && lines[rest.startIndex - 1] != newline
        }
        if error == EPIPE {
            state.isClosed = true
        } else if error != 0 {
            let now = ContinuousClock.now
            if !state.isTold, state.lastTold.map({ now - $0 >= Self.interval }) ?? true {
                state.isTold = true
                state.lastTold = now
                let reason = FileError(errno: error).reason
                diagnostics("standard output takes no more lines: \(reason); the tunnel goes on, and they are lost")
            }
            state.lost += rest.count { $0 == newline }
        }
        self.state.withLockedValue { $0 = state }
        if state.isClosed { whenClosed() }
    }

    /// Nothing more is put. Says what was lost; returns whether the reader has gone.
    func finish() -> Bool {
        let state = state.withLockedValue { $0 }
        if state.lost > 0 { diagnostics("\(Self.count(state.lost)) lost: standard output took no more") }
        return state.isClosed
    }

    private static func count(_ lines: Int) -> String { lines == 1 ? "1 line was" : "\(lines) lines were" }
}

/// Drains a bus into a printer while there is traffic: whoever reads standard output may be slow, and nothing but the
/// feed's queue waits for it.
final class PrinterLoop: Sendable {
    private let feed: TrafficFeed

    /// From now on nobody else may drain the bus.
    init(bus: TrafficBus, printer: HeadlessPrinter) {
        let printer = NIOLockedValueBox(printer)
        feed = TrafficFeed(bus: bus, label: "tpot.printer") { batch in
            printer.withLockedValue { $0.print(batch.events, lost: batch.lost) }
        }
    }

    /// Prints what waits and returns when it is written: the last thing to do before the process ends.
    /// - Returns: false when that took longer than `limit`, because nobody reads.
    func flush(within limit: DispatchTimeInterval) -> Bool { feed.flush(within: limit) }
}
