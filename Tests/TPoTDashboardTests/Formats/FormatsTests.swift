import NIOCore
import Testing

@testable import TPoTDashboard

@Suite struct FormatsTests {
    @Test(arguments: [
        (0, "0 B"), (-5, "0 B"), (312, "312 B"), (1023, "1023 B"), (1024, "1.0 K"), (1229, "1.2 K"),
        (1_048_575, "1.0 M"), (45_158, "44.1 K"), (1 << 20, "1.0 M"), (1 << 40, "1.0 T"), (.max, "8.0 E"),
    ])
    func bytes(count: Int, text: String) {
        #expect(Formats.bytes(count) == text)
        #expect(Formats.byteSum(count) == (text.hasSuffix(" B") ? text : text + "iB"))
    }

    @Test(
        arguments: [
            (0, "0 ms"), (-1, "0 ms"), (49_999, "0 ms"), (50_000, "0.1 ms"), (400_000, "0.4 ms"), (9_940_000, "9.9 ms"),
            (9_950_000, "9 ms"), (35_000_000, "35 ms"), (999_999_999, "999 ms"), (1_000_000_000, "1.0 s"),
            (3_299_000_000, "3.2 s"), (59_999_000_000, "59.9 s"), (60_000_000_000, "1 m 00 s"),
            (751_000_000_000, "12 m 31 s"), (11_100_000_000_000, "3 h 05 m"), (183_600_000_000_000, "2 d 03 h"),
        ] as [(Int64, String)]
    )
    func durations(nanoseconds: Int64, text: String) {
        #expect(Formats.duration(.nanoseconds(nanoseconds)) == text)
    }

    @Test(arguments: [
        (0, "00:00:00"), (751, "00:12:31"), (86_399, "23:59:59"), (260_000, "3 d 00:13:20"), (-1, "00:00:00"),
    ])
    func upTimes(seconds: Int64, text: String) {
        #expect(Formats.upTime(.seconds(seconds)) == text)
    }

    @Test(arguments: [
        (0, "00:00:00.000"), (43_293_042, "12:01:33.042"), (-1, "23:59:59.999"), (86_400_000, "00:00:00.000"),
    ])
    func timesOfDay(milliseconds: Int64, text: String) {
        #expect(Formats.timeOfDay(milliseconds * 1_000_000) == text)
        #expect(Formats.timeOfDay(milliseconds * 1_000_000, withMilliseconds: false) == String(text.dropLast(4)))
    }

    @Test func numbersAndNouns() {
        #expect([0, 999, 1000, -1_234_567].map(Formats.grouped) == ["0", "999", "1,000", "-1,234,567"])
        #expect(Formats.count(1, "request") == "1 request")
        #expect(Formats.count(0, "request") == "0 requests")
        #expect(Formats.exactBytes(1) == "1 byte")
        #expect(Formats.exactBytes(1234) == "1,234 bytes")
    }
}
