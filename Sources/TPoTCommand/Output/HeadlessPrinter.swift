import NIOCore
import TPoTCapture
import TPoTInspect
import TPoTTraffic
import TPoTWire

/// Turns traffic into lines for people or for programs: one line for each request, when it ends.
///
/// It keeps no bodies, and only numbers about each open conversation. Lines are handed over one batch at a time.
struct HeadlessPrinter {
    /// Takes whole lines for standard output.
    typealias Output = @Sendable ([UInt8]) -> Void
    /// Takes a message for standard error, without a line break and safe for a terminal.
    typealias Diagnostics = @Sendable (String) -> Void

    let format: LogFormat
    let diagnostics: Diagnostics
    private let mask: SecretMask
    /// Whether the number of a request means the same in other commands and runs.
    private let isKept: @Sendable (UInt64) -> Bool
    private let clock: TrafficClock
    /// When the batch came.
    private var now: TrafficClock.Reading
    private let output: Output
    private var exchanges = ExchangeAssembler(reportsProgress: false)
    private var textLines: TextLines
    /// The lines of the batch so far.
    var lines: [UInt8] = []
    var statusText = StatusText()

    init(
        format: LogFormat,
        mask: SecretMask = SecretMask(),
        isKept: @escaping @Sendable (UInt64) -> Bool = { _ in false },
        clock: TrafficClock = .system,
        utcOffset: @escaping @Sendable (Int64) -> Int = LocalTime.utcOffset,
        output: @escaping Output,
        diagnostics: @escaping Diagnostics
    ) {
        self.format = format
        self.mask = mask
        self.isKept = isKept
        self.clock = clock
        now = clock.read()
        self.output = output
        self.diagnostics = diagnostics
        textLines = TextLines(utcOffset: utcOffset)
    }

    /// Prints a batch from the bus. `lost` is the number of events that found no room there.
    mutating func print(_ events: [TrafficEvent], lost: Int) {
        lines.removeAll(keepingCapacity: true)
        now = clock.read()
        // Swapped out, not copied, so that its updates can change the rest of the printer.
        var exchanges = ExchangeAssembler()
        swap(&exchanges, &self.exchanges)
        for index in events.indices {
            if index % BackgroundPriority.eventsAtOnce == 0 { BackgroundPriority.yield() }
            let event = events[index]
            begin(event)
            exchanges.consume(event) { take($0, of: event) }
            end(event)
        }
        // The lost events came after this batch.
        if lost > 0 { exchanges.noteLostEvents() }
        swap(&exchanges, &self.exchanges)
        finish(lost: lost)
    }

    /// The same for a batch that also fills a store. Requests have the numbers of the store.
    mutating func print(_ batch: TrafficBus.Batch, filling store: CaptureStore) {
        lines.removeAll(keepingCapacity: true)
        now = clock.read()
        store.consume(batch, &self)
        finish(lost: batch.lost)
    }

    private mutating func finish(lost: Int) {
        if lost > 0 { print(lost: lost, at: now.unixNanoseconds) }
        if !lines.isEmpty { output(lines) }
    }
}

extension HeadlessPrinter: CaptureObserver {
    mutating func begin(_ event: TrafficEvent) {
        guard case .targetFailed(let reason) = event.kind else { return }
        print(targetFailed: reason, in: event.conversation, at: now.unixNanoseconds(at: event.time))
    }

    mutating func take(_ update: ExchangeUpdate, of event: TrafficEvent) {
        let time = now.unixNanoseconds(at: event.time)
        switch (update, format) {
        case (.finished(let exchange), .text):
            textLines.append(summary(exchange, event), to: &lines)
        case (.finished(let exchange), .json):
            JSONLine(summary(exchange, event)).append(to: &lines)
        case (.opened(let conversation), .json): JSONLine(opened: conversation, at: time).append(to: &lines)
        case (.closed(let conversation), .json): JSONLine(closed: conversation, at: time)?.append(to: &lines)
        default: break
        }
    }

    mutating func end(_ event: TrafficEvent) {
        guard case .tunnel(let status) = event.kind else { return }
        print(status, event.time, at: now.unixNanoseconds(at: event.time))
    }

    private func summary(_ exchange: Exchange, _ event: TrafficEvent) -> RequestSummary {
        var summary = RequestSummary(exchange, end: event.time, now, mask)
        if isKept(exchange.number) { summary.number = exchange.number }
        return summary
    }
}
