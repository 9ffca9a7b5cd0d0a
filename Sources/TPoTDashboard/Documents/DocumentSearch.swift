/// A search for a text in a document.
package struct DocumentSearch: Hashable, Sendable {
    package struct Hit: Hashable, Sendable {
        package var line: Int
        /// Offset into the UTF-8 of the line.
        package var offset: Int
    }

    package let text: String
    package var hit: Hit?

    package init(_ text: String) {
        self.text = text
    }

    /// The text in lower case, as ``StyledLine/hits(of:)`` expects it.
    var needle: [UInt8] { text.utf8.map { 0x41...0x5a ~= $0 ? $0 | 0x20 : $0 } }

    /// The next hit after the current one, or the first at or after `line`. The search wraps at the end.
    func next(in document: DetailDocument, from line: Int) -> Hit? {
        let count = document.count
        guard count > 0, !text.isEmpty else { return nil }
        let start = min(max(hit?.line ?? line, 0), count - 1)
        for step in 0...count {
            let line = (start + step) % count
            let hits = document.line(line).hits(of: needle)
            let found = hits.first { range in
                guard step == 0, let hit else { return true }
                return range.lowerBound > hit.offset
            }
            if let found { return Hit(line: line, offset: found.lowerBound) }
        }
        return nil
    }

    /// The last hit before the current one, or the last at or before `line`. The search wraps at the top.
    func previous(in document: DetailDocument, from line: Int) -> Hit? {
        let count = document.count
        guard count > 0, !text.isEmpty else { return nil }
        let start = min(max(hit?.line ?? line, 0), count - 1)
        for step in 0...count {
            let line = ((start - step) % count + count) % count
            let hits = document.line(line).hits(of: needle)
            let found = hits.last { range in
                guard step == 0, let hit else { return true }
                return range.lowerBound < hit.offset
            }
            if let found { return Hit(line: line, offset: found.lowerBound) }
        }
        return nil
    }
}
