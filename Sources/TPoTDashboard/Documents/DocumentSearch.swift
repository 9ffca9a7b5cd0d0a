/// A search for a text in a document. Lines are those of the whole document: folded nodes are searched, too.
package struct DocumentSearch: Hashable, Sendable {
    package struct Hit: Hashable, Sendable, Comparable {
        package var line: Int
        /// Offset into the UTF-8 of the line.
        package var offset: Int

        package static func < (one: Self, other: Self) -> Bool { (one.line, one.offset) < (other.line, other.offset) }
    }

    /// The most lines in which all hits are counted. Counting in more would take longer than a key may take.
    static let countedLines = 20_000
    /// The most hits that are counted.
    static let countedHits = 10_000

    package let text: String
    package private(set) var hit: Hit?
    /// All hits, up to the limits; nil before the first search and in a document that is too long.
    private var hits: [Hit]?
    /// The lines of the document in which ``hits`` were counted.
    private var searched = 0

    package init(_ text: String) {
        self.text = text
    }

    /// The text in lower case, as ``StyledLine/hits(of:)`` expects it.
    var needle: [UInt8] { text.utf8.map { 0x41...0x5a ~= $0 ? $0 | 0x20 : $0 } }

    /// The document is another one now.
    mutating func forgetHit() {
        hit = nil
        hits = nil
    }

    /// `3 of 17`; nil without a hit, or if the hits were not counted.
    var hitText: String? {
        guard let hit, let hits, let place = hits.firstIndex(of: hit) else { return nil }
        let more = hits.count == Self.countedHits ? "+" : ""
        return "\(Formats.grouped(place + 1)) of \(Formats.grouped(hits.count))\(more)"
    }

    /// Finds the next hit after the current one, or the first at or after `line`. The search wraps at the end.
    /// - Returns: whether there is a hit, and whether the search went on at the other end of the text.
    mutating func findNext(in document: DetailDocument, from line: Int) -> (isFound: Bool, isWrapped: Bool) {
        count(in: document)
        let old = hit
        hit =
            hits.map { hits in
                let after = old ?? Hit(line: line, offset: -1)
                return hits.first { $0 > after } ?? hits.first
            } ?? scanNext(in: document, from: line)
        return (hit != nil, old.map { old in hit.map { $0 <= old } ?? false } ?? false)
    }

    /// Finds the last hit before the current one, or the last before `line`. The search wraps at the top.
    mutating func findPrevious(in document: DetailDocument, from line: Int) -> (isFound: Bool, isWrapped: Bool) {
        count(in: document)
        let old = hit
        hit =
            hits.map { hits in
                let before = old ?? Hit(line: line, offset: .max)
                return hits.last { $0 < before } ?? hits.last
            } ?? scanPrevious(in: document, from: line)
        return (hit != nil, old.map { old in hit.map { $0 >= old } ?? false } ?? false)
    }

    private mutating func count(in document: DetailDocument) {
        guard hits == nil || searched != document.count else { return }
        searched = document.count
        guard !text.isEmpty, document.count <= Self.countedLines else {
            hits = nil
            return
        }
        let needle = needle
        var all: [Hit] = []
        for line in 0..<document.count where all.count < Self.countedHits {
            all += document.line(line).hits(of: needle).map { Hit(line: line, offset: $0.lowerBound) }
        }
        hits = Array(all.prefix(Self.countedHits))
    }

    private func scanNext(in document: DetailDocument, from line: Int) -> Hit? {
        let count = document.count
        guard count > 0, !text.isEmpty else { return nil }
        let start = min(max(hit?.line ?? line, 0), count - 1)
        for step in 0...count {
            let line = (start + step) % count
            let found = document.line(line).hits(of: needle).first { range in
                guard step == 0, let hit else { return true }
                return range.lowerBound > hit.offset
            }
            if let found { return Hit(line: line, offset: found.lowerBound) }
        }
        return nil
    }

    private func scanPrevious(in document: DetailDocument, from line: Int) -> Hit? {
        let count = document.count
        guard count > 0, !text.isEmpty else { return nil }
        let start = min(max(hit?.line ?? line, 0), count - 1)
        for step in 0...count {
            let line = ((start - step) % count + count) % count
            let found = document.line(line).hits(of: needle).last { range in
                guard step == 0, let hit else { return true }
                return range.lowerBound < hit.offset
            }
            if let found { return Hit(line: line, offset: found.lowerBound) }
        }
        return nil
    }
}
