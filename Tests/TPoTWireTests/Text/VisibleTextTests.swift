import TPoTWire
import TestSupport
import Testing

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
    func controlsAreVisible(_ text: String, _ visible: String) {
        #expect(VisibleText.text(text) == visible)
    }

    @Test(
        arguments: [
            ([0xff, 0x41], "\\xffA"), ([0xc3], "\\xc3"), ([0xe2, 0x82, 0x41], "\\xe2\\x82A"),
            ([0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"), ([0xf0, 0x9f, 0x99, 0x82], "🙂"), ([0xc0, 0x9b], "\\xc0\\x9b"),
        ] as [([UInt8], String)]
    )
    func bytesThatAreNoTextAreVisible(_ bytes: [UInt8], _ visible: String) {
        #expect(VisibleText.text(bytes) == visible)
    }

    @Test func aLimitIsShown() {
        #expect(VisibleText.text("abcdef", limit: 3) == "abc…")
        #expect(VisibleText.text("abc", limit: 3) == "abc")
    }

    @Test func aFieldHasNoBlanks() {
        var line: [UInt8] = []
        VisibleText.append(Array("a b\\c\u{3000}\u{1b}".utf8), to: &line, limit: 100)
        #expect(String(decoding: line, as: UTF8.self) == "a\\x20b\\\\c\\u{3000}\\x1b")
        line = []
        VisibleText.append(Array("abcdef".utf8), to: &line, limit: 3)
        #expect(String(decoding: line, as: UTF8.self) == "abc…")
    }

    @Test func aMessageKeepsItsBlanks() {
        #expect(VisibleText.line("reason:  it\u{1b} broke") == "reason:  it\\x1b broke")
    }

    @Test func jsonTextKeepsCharactersAndEscapesBytes() {
        #expect(VisibleText.jsonText([0x61, 0xff, 0x1b]) == "a%FF\u{1b}")
    }

    @Test func nothingFromTheNetworkReachesTheTerminal() {
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
