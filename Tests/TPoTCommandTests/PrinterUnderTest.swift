import NIOConcurrencyHelpers
import NIOCore
import TPoTCapture
import TPoTInspect
import TPoTTraffic

@testable import TPoTCommand
@testable import TPoTWire

/// A printer with a clock that the test sets, and what it printed.
///
/// The clock starts at 2026-11-23 12:01:33 UTC.
final class PrinterUnderTest {
    private static let start: Int64 = 1_795_435_293_000_000_000
    /// Milliseconds since the start.
    var now = 0
    private var events: [TrafficEvent] = []
    private var printer: HeadlessPrinter
    private let clockNow: NIOLockedValueBox<Int>
    private let printed: NIOLockedValueBox<(output: [UInt8], diagnostics: [String])>

    init(_ format: LogFormat, mask: SecretMask = SecretMask(), hasHistory: Bool = false) {
        let clockNow = NIOLockedValueBox(0)
        let printed = NIOLockedValueBox((output: [UInt8](), diagnostics: [String]()))
        self.clockNow = clockNow
        self.printed = printed
        let clock = TrafficClock {
            let now = clockNow.withLockedValue { $0 }
            return TrafficClock.Reading(
                monotonic: Self.moment(now),
                unixNanoseconds: Self.start + Int64(now) * 1_000_000
            )
        }
        printer = HeadlessPrinter(
            format: format,
            mask: mask,
            isKept: { _ in hasHistory },
            clock: clock,
            utcOffset: { _ in 0 },
            output: { bytes in printed.withLockedValue { $0.output += bytes } },
            diagnostics: { text in printed.withLockedValue { $0.diagnostics.append(text) } }
        )
    }

    private static func moment(_ milliseconds: Int) -> NIODeadline {
        .uptimeNanoseconds(1_000_000_000_000 + UInt64(milliseconds) * 1_000_000)
    }

    /// Publishes an event, so many milliseconds after the one before.
    func publish(_ kind: TrafficEvent.Kind, after milliseconds: Int = 0, in conversation: ConversationNumber = 1) {
        now += milliseconds
        events.append(TrafficEvent(time: Self.moment(now), conversation: conversation, kind: kind))
    }

    /// The lines printed since the last call.
    func lines(lost: Int = 0) -> [String] {
        clockNow.withLockedValue { $0 = now }
        printer.print(events, lost: lost)
        events = []
        return printed.withLockedValue { printed in
            defer { printed.output = [] }
            return String(decoding: printed.output, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    /// The diagnostics since the last call. Call it after ``lines(lost:)``.
    func diagnostics() -> [String] {
        printed.withLockedValue { printed in
            defer { printed.diagnostics = [] }
            return printed.diagnostics
        }
    }
}

extension TrafficEvent.Kind {
    static var visitor: Self {
        .opened(.visitor(id: 1, RemoteAddress(ip: 0xcb00_7109, port: 52110)))
    }

    static func request(_ head: String) -> Self {
        .requestHead(received: Array(head.utf8), sent: nil)
    }

    static func request(_ head: [UInt8]) -> Self {
        .requestHead(received: head, sent: nil)
    }

    static func response(_ head: String) -> Self {
        .responseHead(Array(head.utf8))
    }
}
