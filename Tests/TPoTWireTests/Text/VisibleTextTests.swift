import TestSupport
import Testing

@testable import TPoTWire

@Suite struct VisibleTextTests {
    @Test(arguments: [
        ("plain /path?a=1", "plain /path?a=1"),
        ("back\\slash", "back\\slash"),
        ("\u{1b}]0;title\u{7}", "\\x1b]0;title\\x07"),
        ("\u{9b}31m", "\\u{9b}31m"),
        ("a\u{7f}b", "a\\x7fb"),
        ("a\tb", "a    b"),
        ("a\r\nb", "a\\x0d\\x0ab"),
        ("\u{202e}abc\u{2066}", "\\u{202e}abc\\u{2066}"),
        ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
        ("line\u{2028}", "line\\u{2028}"),
        ("käse 日本 🙂", "käse 日本 🙂"),
        ("👩‍🚀❤️", "👩🚀❤"),
        ("a\u{200d}b", "a\\u{200d}b"),
        ("tag\u{e0041}", "tag\\u{e0041}"),
    ])
    func controlCharactersAreEscaped(_ text: String, _ visible: String) {
        #expect(VisibleText.text(text) == visible)
    }

    @Test(
        arguments: [
            ([0xff, 0x41], "\\xffA"), ([0xc3], "\\xc3"), ([0xe2, 0x82, 0x41], "\\xe2\\x82A"),
            ([0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"), ([0xf0, 0x9f, 0x99, 0x82], "🙂"), ([0xc0, 0x9b], "\\xc0\\x9b"),
        ] as [([UInt8], String)]
    )
    func invalidBytesAreEscaped(_ bytes: [UInt8], _ visible: String) {
        #expect(VisibleText.text(bytes) == visible)
    }

    @Test func longTextEndsWithAnEllipsis() {
        #expect(VisibleText.text("abcdef", limit: 3) == "abc…")
        #expect(VisibleText.text("abc", limit: 3) == "abc")
    }

    @Test func blanksInAFieldAreEscaped() {
        var line: [UInt8] = []
        VisibleText.append(Array("a b\\c\u{3000}\u{1b}".utf8), to: &line, limit: 100)
        #expect(String(decoding: line, as: UTF8.self) == "a\\x20b\\\\c\\u{3000}\\x1b")
        line = []
        VisibleText.append(Array("abcdef".utf8), to: &line, limit: 3)
        #expect(String(decoding: line, as: UTF8.self) == "abc…")
    }

    @Test func spacesInAMessageStay() {
        #expect(VisibleText.line("reason:  it\u{1b} broke") == "reason:  it\\x1b broke")
    }

    @Test func jsonTextKeepsCharactersAndEscapesInvalidBytes() {
        #expect(VisibleText.jsonText([0x61, 0xff, 0x1b]) == "a%FF\u{1b}")
    }

    @Test func randomBytesBecomeHarmlessText() {
        let seed = testSeed("visible text")
        var random = SeededRandom(seed: seed)
        for _ in 0..<5000 {
            let bytes = (0..<random.next(upTo: 60)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            for scalar in VisibleText.text(bytes).unicodeScalars {
                #expect(VisibleText.isHarmless(scalar), "seed \(seed)")
            }
        }
    }
}

@Suite struct VisibleLineTests {
    private func visible(_ bytes: [UInt8], limit: Int = 512) -> String {
        var line: [UInt8] = []
        VisibleText.append(bytes, to: &line, limit: limit)
        return String(decoding: line, as: UTF8.self)
    }

    @Test(arguments: [
        (Array("/webhooks?a=1&b=%20".utf8), "/webhooks?a=1&b=%20"),
        (Array("/größe/日本".utf8), "/größe/日本"),
        (Array("/\u{1b}[2J\u{7}\u{7f}\r\n\0".utf8), #"/\x1b[2J\x07\x7f\x0d\x0a\x00"#),
        (Array("/a b\\x1b".utf8), #"/a\x20b\\x1b"#),
        ([0x2f, 0xff, 0xc3, 0x28, 0xe2, 0x82], #"/\xff\xc3(\xe2\x82"#),
        ([0xc0, 0xaf, 0xed, 0xa0, 0x80], #"\xc0\xaf\xed\xa0\x80"#),
        ([0xf4, 0x90, 0x80, 0x80], #"\xf4\x90\x80\x80"#),
        (Array("/\u{202e}gnp.exe".utf8), #"/\u{202e}gnp.exe"#),
        (
            Array("\u{9b}31m\u{2028}\u{feff}\u{200d}\u{3000}\u{e000}".utf8),
            #"\u{9b}31m\u{2028}\u{feff}\u{200d}\u{3000}\u{e000}"#
        ),
        (Array("\u{1f600}".utf8), "\u{1f600}"),
    ])
    func controlCharactersAndInvalidBytesAreEscaped(bytes: [UInt8], text: String) {
        #expect(visible(bytes) == text)
    }

    @Test func outputIsHarmlessForAnyTwoBytes() {
        for first in UInt8.min...UInt8.max {
            for second in [UInt8(0), 0x1b, 0x41, 0x80, 0x9b, 0xc2, 0xff] {
                var line: [UInt8] = []
                VisibleText.append([first, second], to: &line, limit: 512)
                let text = String(validating: line, as: UTF8.self)
                #expect(text?.unicodeScalars.allSatisfy(VisibleText.isHarmless) == true)
            }
        }
    }

    @Test func longFieldsEndWithAnEllipsis() {
        #expect(visible(Array(repeating: UInt8(ascii: "a"), count: 512)).utf8.count == 512)
        let long = visible(Array(repeating: UInt8(ascii: "a"), count: 513))
        #expect(long == String(repeating: "a", count: 512) + "…")
        #expect(visible([0xff, 0xff, 0xff], limit: 10) == #"\xff\xff…"#)
    }

    @Test func spacesInMessagesStay() {
        #expect(VisibleText.line("not a  TPoT\nserver \u{1b}[0m") == #"not a  TPoT\x0aserver \x1b[0m"#)
        #expect(VisibleText.line(String(repeating: "ab ", count: 1000)).utf8.count < 520)
    }

    @Test func invalidBytesInJSONTextArePercentEncoded() {
        #expect(VisibleText.jsonText([0x2f, 0xff, 0x1b, 0xc3, 0xa9], limit: 100) == "/%FF\u{1b}é")
        #expect(VisibleText.jsonText(Array("abcd".utf8), limit: 3) == "abc…")
    }

    @Test func jsonStringsAreEscapedAndParsedBack() throws {
        var writer = JSONWriter()
        let text = "a\"\\/\n\t\r\u{1b}\u{7f}\u{9b}\u{202e}\u{e0001}é\u{1f600}"
        writer.write(text)
        let json = String(decoding: writer.bytes, as: UTF8.self)
        #expect(json == #""a\"\\/\n\t\u000d\u001b\u007f\u009b\u202e\udb40\udc01é\#u{1f600}""#)
        #expect(try JSONParser.parse(json) == .string(text))
    }
}
