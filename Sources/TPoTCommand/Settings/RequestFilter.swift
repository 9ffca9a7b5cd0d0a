import TPoTCapture

/// A filter from a command line. In a script a mistake must not look like a filter that finds nothing.
enum RequestFilter {
    /// - Parameter words: each may have blanks, and then stands in quotes already or is one word.
    static func parse(_ words: [String], for command: String = "requests") throws(CommandError) -> CaptureFilter {
        let filter = CaptureFilter(joined(words))
        if let hint = filter.hint {
            throw CommandError(
                .usage,
                "\(hint.split(separator: ";").first.map(String.init) ?? hint); see `tpot \(command) --help`"
            )
        }
        return filter
    }

    /// The same as text, for a program that parses it itself.
    static func text(_ words: [String]) throws(CommandError) -> String {
        _ = try parse(words)
        return joined(words)
    }

    private static func joined(_ words: [String]) -> String { words.map(quoted).joined(separator: " ") }

    /// The shell has taken the quotes away: `body:two words` is one term, and so are `not:body:two words` and `-two words`.
    private static func quoted(_ word: String) -> String {
        guard word.contains(where: { $0 == " " || $0 == "\t" }), !word.contains("\"") else { return word }
        let sign = ["-", "not:"].first { word.lowercased().hasPrefix($0) } ?? ""
        let term = word.dropFirst(sign.count)
        guard let colon = term.firstIndex(of: ":"), term[..<colon].allSatisfy({ $0.isLetter || $0 == "-" }) else {
            return "\(sign)\"\(term)\""
        }
        return "\(sign)\(term[...colon])\"\(term[term.index(after: colon)...])\""
    }
}
