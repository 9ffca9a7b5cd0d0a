import Testing

@testable import TPoTDashboard

@Suite struct DisplayTextTests {
    @Test(arguments: [
        ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"), ("日", 1, "…"), ("abc", 0, ""),
        ("", 0, ""),
        ("abc", -1, ""),
    ])
    func textIsFittedToColumns(text: String, columns: Int, fitted: String) {
        #expect(DisplayText.fitted(text, columns: columns) == fitted)
    }

    @Test(arguments: [
        ("", 4, [""]),
        ("abcdefgh", 4, ["abcd", "efgh"]),
        ("abcdefghi", 4, ["abcd", "efgh", "i"]),
        ("a日本語", 4, ["a日", "本語"]),
        ("e\u{301}e\u{301}e\u{301}", 2, ["e\u{301}e\u{301}", "e\u{301}"]),
        ("日本", 1, ["日", "本"]),
        ("\u{200d}\u{200d}\u{200d}", 2, ["\u{200d}\u{200d}\u{200d}"]),
    ])
    func textIsWrappedToColumns(text: String, columns: Int, lines: [Substring]) {
        #expect(DisplayText.wrapped(text, columns: columns) == lines)
    }

    @Test(arguments: [
        ("one two three", 7, ["one two", "three"]),
        ("one two three", 8, ["one two", "three"]),
        ("one two three", 6, ["one", "two", "three"]),
        ("abcdefgh ij", 4, ["abcd", "efgh", "ij"]),
        (" leading", 4, [" lea", "ding"]),
    ])
    func textIsWrappedBetweenWords(text: String, columns: Int, lines: [Substring]) {
        #expect(DisplayText.wrapped(text, columns: columns, atBlanks: true) == lines)
    }
}
