import NIOCore
import TPoTCapture
import TPoTWire
import TestSupport
import Testing

@Suite struct TimeTextTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1_000_000, "1969-12-31T23:59:59.999Z"),
            (1_709_210_096_007_999_999, "2024-02-29T12:34:56.007Z"),
            (951_868_799_000_000_000, "2000-02-29T23:59:59.000Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000Z"), (.min, "1677-09-21T00:12:43.145Z"),
            (.max, "2262-04-11T23:47:16.854Z"),
        ] as [(Int64, String)]
    )
    func timesAreFormattedAsInRFC3339(nanoseconds: Int64, text: String) {
        #expect(UTCTime.rfc3339(unixNanoseconds: nanoseconds) == text)
    }

    @Test func localTimeIsUTCPlusItsOffset() {
        let time: Int64 = 1_795_435_293_042_000_000
        #expect(LocalTime.seconds(unixNanoseconds: time, utcOffset: { _ in 0 }) == "2026-11-23 12:01:33")
        #expect(LocalTime.seconds(unixNanoseconds: time, utcOffset: { _ in -13 * 3600 }) == "2026-11-22 23:01:33")
    }

    @Test func unixTimeFollowsMonotonicTime() {
        let reading = TrafficClock.Reading(
            monotonic: .uptimeNanoseconds(5_000_000_000),
            unixNanoseconds: 42_000_000_000
        )
        #expect(reading.unixNanoseconds(at: .uptimeNanoseconds(4_000_000_000)) == 41_000_000_000)
    }

    @Test(arguments: [
        ("2026-11-23T12:00:00.003Z", 1_795_435_200_003_000_000),
        ("2026-11-23T13:00:00.003+01:00", 1_795_435_200_003_000_000),
        ("2026-11-23T07:30:00-0430", 1_795_435_200_000_000_000), ("1970-01-01T00:00:00.1234567891Z", 123_456_789),
        ("2024-02-29 23:59:60.5", 1_709_251_199_500_000_000), ("1969-12-31T23:59:59.999z", -1_000_000),
    ])
    func timesAreRead(_ text: String, _ nanoseconds: Int64) {
        #expect(UTCTime.unixNanoseconds(rfc3339: text.utf8) == nanoseconds)
    }

    @Test(arguments: [
        "", "2026-11-23", "NaN-11-23T12:00:00Z", "2026-13-23T12:00:00Z", "9999-01-01T00:00:00Z", "2026-11-23T25:00:00Z",
        "2026-11-23T12:00:00+", "0000-01-01T00:00:00Z", "2026-11-23T12:00:00Zx", "Mon, 23 Nov 2026 12:00:00 GMT",
    ])
    func whatIsNoTimeIsNotRead(_ text: String) {
        #expect(UTCTime.unixNanoseconds(rfc3339: text.utf8) == nil)
    }

    @Test func aTimeThatWasWrittenIsReadBack() {
        var random = SeededRandom(seed: testSeed("times"))
        for _ in 0..<2000 {
            let milliseconds = Int64(bitPattern: random.next()) / 1_000_000
            let text = UTCTime.rfc3339(unixNanoseconds: milliseconds * 1_000_000)
            #expect(UTCTime.unixNanoseconds(rfc3339: text.utf8) == milliseconds * 1_000_000, "\(text)")
        }
    }
}
