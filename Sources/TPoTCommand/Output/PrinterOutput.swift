import Dispatch
import Glibc
import NIOConcurrencyHelpers
import TPoTCapture
import TPoTSystem
import TPoTTraffic

/// Writes the printer's lines to standard output.
/// The tunnel goes on when a disk is full, and ends when the reader of a pipe has gone.
final class PrinterOutput: Sendable {
    private struct State {
        var isClosed = false
        /// Lost lines that were not reported yet.
        var lost = 0
        /// The loss was reported, and not yet that lines are written again.
        var isReported = false
        /// When a loss was last reported. A disk may fill up again and again, so it is reported once in ``interval``.
        var lastReported: ContinuousClock.Instant?
        /// The last write ended in the middle of a line.
        var isInLine = false
    }

    static let interval = Duration.seconds(60)

    private let state = NIOLockedValueBox(State())
    private let write: @Sendable ([UInt8]) -> (written: Int, error: Int32)
    private let diagnostics: HeadlessPrinter.Diagnostics
    private let whenClosed: @Sendable () -> Void

    /// - Parameters:
    ///   - write: writes bytes; returns how many were written, and the `errno` of a failure or 0.
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
        if written > 0, state.isReported {
            diagnostics("standard output can be written again; \(Self.count(state.lost)) lost")
            state.lost = 0
            state.isReported = false
        }
        let rest = lines.dropFirst(max(0, written - (state.isInLine ? 1 : 0)))
        if written > 0 {
            state.isInLine = !rest.isEmpty && rest.count < lines.count && lines[rest.startIndex - 1] != newline
        }
        if error == EPIPE {
            state.isClosed = true
        } else if error != 0 {
            let now = ContinuousClock.now
            if !state.isReported, state.lastReported.map({ now - $0 >= Self.interval }) ?? true {
                state.isReported = true
                state.lastReported = now
                let reason = FileError(errno: error).reason
                diagnostics("cannot write to standard output: \(reason); the tunnel goes on, and these lines are lost")
            }
            state.lost += rest.count { $0 == newline }
        }
        self.state.withLockedValue { $0 = state }
        if state.isClosed { whenClosed() }
    }

    /// Reports lost lines; returns whether the reader has gone. Call it after the last ``put(_:)``.
    func finish() -> Bool {
        let state = state.withLockedValue { $0 }
        if state.lost > 0 { diagnostics("\(Self.count(state.lost)) lost: standard output could not be written") }
        return state.isClosed
    }

    private static func count(_ lines: Int) -> String { lines == 1 ? "1 line was" : "\(lines) lines were" }
}

/// Drains a bus into a printer while there is traffic. Only the feed's queue waits when standard output is read slowly.
final class PrinterLoop: Sendable {
    private let feed: TrafficFeed

    /// From now on, nothing else may drain the bus.
    /// - Parameter store: is filled with the same traffic.
    init(bus: TrafficBus, printer: HeadlessPrinter, store: CaptureStore? = nil) {
        let printer = NIOLockedValueBox(printer)
        feed = TrafficFeed(bus: bus, label: "tpot.printer") { batch in
            printer.withLockedValue { printer in
                if let store {
                    printer.print(batch, filling: store)
                } else {
                    printer.print(batch.events, lost: batch.lost)
                }
            }
        }
    }

    /// Prints what waits and returns when it is written. Call it last, before the process ends.
    /// - Returns: false when that took longer than `limit`, because standard output is not read.
    func flush(within limit: DispatchTimeInterval) -> Bool { feed.flush(within: limit) }
}
