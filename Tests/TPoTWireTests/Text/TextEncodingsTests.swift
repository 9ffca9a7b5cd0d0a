import Testing

@testable import TPoTWire

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("", ""), ("aZ09-._~", "aZ09-._~"), ("a b&c=d/é", "a%20b%26c%3Dd%2F%C3%A9"), ("100%", "100%25"),
        ("\u{0}\r\n", "%00%0D%0A"),
    ])
    func encodedTextDecodesToTheOriginal(text: String, encoded: String) {
        #expect(PercentEncoding.encode(text) == encoded)
        #expect(PercentEncoding.decode(encoded) == text)
    }

    @Test(arguments: ["%", "%4", "%4g", "%+f", "%-1", "a%", "% 1", "%é1"])
    func invalidEscapesStay(text: String) {
        #expect(PercentEncoding.decode(text) == text)
    }
}
