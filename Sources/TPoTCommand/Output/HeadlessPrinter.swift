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
    private let clock: TrafficClock
    private let output: Output
    private var exchanges = ExchangeAssembler(reportsProgress: false)
    private var textLines: TextLines
    /// The lines of the batch so far.
    var lines: [UInt8] = []
    var statusText = StatusText()

    init(
        format: LogFormat,
        mask: SecretMask = SecretMask(),
        clock: TrafficClock = .system,
        utcOffset: @escaping @Sendable (Int64) -> Int = LocalTime.utcOffset,
        output: @escaping Output,
        diagnostics: @escaping Diagnostics
    ) {
        self.format = format
        self.mask = mask
        self.clock = clock
        self.output = output
        self.diagnostics = diagnostics
        textLines = TextLines(utcOffset: utcOffset)
    }

    /// Prints a batch from the bus. `lost` is the number of events that found no room there.
    mutating func print(_ events: [TrafficEvent], lost: Int) {
        let now = clock.read()
        lines.removeAll(keepingCapacity: true)
        for index in events.indices {
            if index % BackgroundPriority.eventsAtOnce == 0 { BackgroundPriority.yield() }
            print(events[index], now)
        }
        if lost > 0 {
            // The lost events came after this batch.
            exchanges.noteLostEvents()
            print(lost: lost, at: now.unixNanoseconds)
        }
        if !lines.isEmpty { output(lines) }
    }

    private mutating func print(_ event: TrafficEvent, _ now: TrafficClock.Reading) {
        let time = now.unixNanoseconds(at: event.time)
        if case .targetFailed(let reason) = event.kind { print(targetFailed: reason, in: event.conversation, at: time) }
        exchanges.consume(event) { update in
            switch (update, format) {
            case (.finished(let exchange), .text):
                textLines.append(RequestSummary(exchange, end: event.time, now, mask), to: &lines)
            case (.finished(let exchange), .json):
                JSONLine(RequestSummary(exchange, end: event.time, now, mask)).append(to: &lines)
            case (.opened(let conversation), .json): JSONLine(opened: conversation, at: time).append(to: &lines)
            case (.closed(let conversation), .json): JSONLine(closed: conversation, at: time)?.append(to: &lines)
            default: break
            }
        }
        if case .tunnel(let status) = event.kind { print(status, event.time, at: time) }
    }
}
