import TPoTCapture

/// A filter from a command line. In a script a mistake must not look like a filter that finds nothing.
enum RequestFilter {
    /// - Parameter words: each may have blanks, and then stands in quotes already or is one word.
    static func parse(_ words: [String], for command: String = "requests") throws(CommandError) -> CaptureFilter {
        let filter = CaptureFilter(words.map(quoted).joined(separator: " "))
        if let hint = filter.hint {
            throw CommandError(
                .usage,
                "\(hint.split(separator: ";").first.map(String.init) ?? hint); see `tpot \(command) --help`"
            )
        }
        return filter
    }

    /// The shell has taken the quotes away: `body:two words` is one term.
    private static func quoted(_ word: String) -> String {
        guard word.contains(where: { $0 == " " || $0 == "\t" }), !word.contains("\"") else { return word }
        guard let colon = word.firstIndex(of: ":"), word[..<colon].allSatisfy({ $0.isLetter || $0 == "-" }) else {
            return "\"\(word)\""
        }
        return "\(word[...colon])\"\(word[word.index(after: colon)...])\""
    }
}
