import NIOCore
import TPoTCapture
import TPoTWire
import Testing

@Suite struct TimeTextTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1_000_000, "1969-12-31T23:59:59.999Z"),
            (1_709_210_096_007_999_999, "2024-02-29T12:34:56.007Z"),
            (951_868_799_000_000_000, "2000-02-29T23:59:59.000Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000Z"),
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
}
