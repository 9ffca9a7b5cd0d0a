import Dispatch
import NIOConcurrencyHelpers
import TPoTTraffic

/// Drains a bus into a printer while there is traffic, on a queue of its own: whoever reads standard output may be
/// slow, and nothing but this queue waits for it.
final class PrinterLoop: Sendable {
    /// Between two batches: what comes meanwhile is written at once.
    static let pause = DispatchTimeInterval.milliseconds(50)

    private let bus: TrafficBus
    private let queue = DispatchQueue(label: "tpot.printer")
    private let printer: NIOLockedValueBox<HeadlessPrinter>

    /// From now on nobody else may drain the bus.
    init(bus: TrafficBus, printer: HeadlessPrinter) {
        self.bus = bus
        self.printer = NIOLockedValueBox(printer)
        bus.onFirstEvent { [weak self] in
            guard let self else { return }
            queue.asyncAfter(deadline: .now() + Self.pause) { self.drain() }
        }
    }

    /// Prints what waits and returns when it is written: the last thing to do before the process ends.
    func flush() {
        queue.sync { drain() }
    }

    private func drain() {
        let batch = bus.drain()
        printer.withLockedValue { $0.print(batch.events, lost: batch.lost) }
    }
}
