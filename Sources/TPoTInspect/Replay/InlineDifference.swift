/// Where a changed line differs from what it was before.
package enum InlineDifference {
    /// Longer lines are not looked at.
    private static let limit = 2_000

    /// The parts that differ, as UTF-8 offsets: what is between the common beginning and end, in whole words. Nil if the two
    /// have too little in common for that to help.
    package static func parts(_ old: String, _ new: String) -> (old: Range<Int>, new: Range<Int>)? {
        guard old.utf8.count <= limit, new.utf8.count <= limit, old != new else { return nil }
        let (one, other) = (words(old), words(new))
        let most = min(one.count, other.count)
        var start = 0
        while start < most, one[start] == other[start] { start += 1 }
        var end = 0
        while end < most - start, one[one.count - 1 - end] == other[other.count - 1 - end] { end += 1 }
        func bytes(_ words: some Sequence<Substring>) -> Int { words.reduce(0) { $0 + $1.utf8.count } }
        let before = bytes(one[..<start])
        let after = bytes(one.suffix(end))
        let common = one[..<start].reduce(0) { $0 + ($1.allSatisfy(\.isWhitespace) ? 0 : $1.utf8.count) } + after
        guard common * 4 >= min(old.utf8.count, new.utf8.count) else { return nil }
        return (before..<old.utf8.count - after, before..<new.utf8.count - after)
    }

    /// Runs of letters and digits, and each other character alone.
    private static func words(_ text: String) -> [Substring] {
        var words: [Substring] = []
        var start = text.startIndex
        while start < text.endIndex {
            let isWord: (Character) -> Bool = { $0.isLetter || $0.isNumber }
            let end =
                isWord(text[start])
                ? text[start...].firstIndex { !isWord($0) } ?? text.endIndex : text.index(after: start)
            words.append(text[start..<end])
            start = end
        }
        return words
    }
}
