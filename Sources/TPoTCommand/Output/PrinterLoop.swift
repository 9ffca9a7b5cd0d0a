import Dispatch
import NIOConcurrencyHelpers
import TPoTTraffic

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
