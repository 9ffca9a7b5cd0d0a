import NIOConcurrencyHelpers
import NIOCore
import TPoTCapture
import TPoTInspect
import TPoTTraffic
import TPoTWire

/// A clock that only moves when the test moves it. It starts at 12:00 on 2026-11-23.
package final class TestClock: Sendable {
    private let milliseconds = NIOLockedValueBox(1000)

    package init() {}

    package func move(to time: Int) { milliseconds.withLockedValue { $0 = time } }

    package var clock: TrafficClock {
        TrafficClock {
            let time = self.milliseconds.withLockedValue { $0 }
            return TrafficClock.Reading(
                monotonic: Transcript.deadline(time),
                unixNanoseconds: 1_795_435_200_000_000_000 + Int64(time - 1000) * 1_000_000
            )
        }
    }
}

extension CaptureBackground {
    /// Runs everything before the call that started it returns.
    package static let immediate = CaptureBackground { _, work in work() }
}

package func testStore(
    bodyBytes: Int = 1024 * 1024,
    memoryBytes: Int = 64 * 1024 * 1024,
    _ clock: TestClock = TestClock(),
    background: CaptureBackground = .immediate,
    earlierLine: UInt64? = nil,
    secrets: WebhookSecrets = WebhookSecrets()
) -> CaptureStore {
    let next = NIOLockedValueBox(earlierLine ?? 0)
    return CaptureStore(
        limits: CaptureLimits(bodyBytes: bodyBytes, memoryBytes: memoryBytes),
        clock: clock.clock,
        meaning: .inspection(secrets),
        background: background,
        numbers: .reserved {
            next.withLockedValue { number in
                number += 1
                return number
            }
        },
        earlierLine: earlierLine
    )
}

extension CaptureStore {
    package func consume(_ events: [TrafficEvent], lost: Int = 0) {
        consume(TrafficBus.Batch(events: events, lost: lost))
    }

    package func consume(_ transcript: inout Transcript) { consume(transcript.take()) }

    /// The numbers of the lines on a page, after the search is over.
    package func list(_ filter: String = "", from: Int = 0, count: Int = 100) -> [UInt64] {
        searched(CaptureQuery(CaptureFilter(filter)), from: from, count: count).lines.map(\.number)
    }

    /// A page after the search is over, in a store whose background runs at once.
    package func searched(_ query: CaptureQuery, from: Int = 0, count: Int = 100) -> CapturePage {
        _ = page(query, from: from, count: count)
        return page(query, from: from, count: count)
    }
}
