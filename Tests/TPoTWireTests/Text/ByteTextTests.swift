import TPoTWire
import Testing

@Suite struct ByteTextTests {
    @Test(arguments: [0, 7, 10, 99, 100, 65_535, 1_234_567_890, UInt64.max])
    func decimalDigitsMatchTheNumber(number: UInt64) {
        var bytes = Array("n=".utf8)
        bytes.append(decimal: number)
        #expect(String(decoding: bytes, as: UTF8.self) == "n=\(number)")
    }

    @Test(arguments: [(0, 2, "00"), (7, 3, "007"), (42, 2, "42"), (2026, 2, "2026")] as [(UInt64, Int, String)])
    func leadingZerosFillTheWidth(number: UInt64, width: Int, text: String) {
        var bytes: [UInt8] = []
        bytes.append(decimal: number, width: width)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }
}
