/// Brings the members of a JSON text into the order of another one, because their order means nothing (RFC 8259, 4).
///
/// It works on laid out lines, as ``JSONIndenter`` makes them: one member or item on a line, two blanks for each level.
enum JSONOrder {
    /// A text with more levels stays as it is.
    private static let depthLimit = 200

    /// A member or an item with all of its lines.
    private struct Node {
        /// `"name": `, with quotes; empty for an item.
        var key: Substring
        var line: String
        var children: [Node] = []
        /// The line with the closing bracket; nil for a value on one line.
        var end: String?
    }

    /// - Returns: the lines of `lines`, with members in the order of `model` where it has them. Nil if one of the two is not
    ///   laid out as expected, or was cut.
    static func lines(_ lines: [String], like model: [String]) -> [String]? {
        guard let root = tree(lines), let other = tree(model) else { return nil }
        var result: [String] = []
        result.reserveCapacity(lines.count)
        for (index, node) in root.enumerated() {
            append(node, like: index < other.count ? other[index] : nil, isLast: index == root.count - 1, to: &result)
        }
        return result
    }

    /// A line without the comma that only says that another one follows.
    static func withoutComma(_ line: String) -> Substring { line.hasSuffix(",") ? line.dropLast() : line[...] }

    private static func tree(_ lines: [String]) -> [Node]? {
        var open: [Node] = []
        var top: [Node] = []
        func close(_ node: Node) {
            if open.isEmpty { top.append(node) } else { open[open.count - 1].children.append(node) }
        }
        for line in lines {
            // A long line is in pieces, which look like lines of their own.
            guard line.utf8.count < LineTable.pieceLength / 2 else { return nil }
            let text = line.drop { $0 == " " }
            if text.hasPrefix("}") || text.hasPrefix("]") {
                guard var node = open.popLast() else { return nil }
                node.end = line
                close(node)
            } else {
                let node = Node(key: key(text), line: line)
                if text.hasSuffix("{") || text.hasSuffix("[") { open.append(node) } else { close(node) }
                guard open.count <= depthLimit else { return nil }
            }
        }
        return open.isEmpty ? top : nil
    }

    private static func key(_ text: Substring) -> Substring {
        let bytes = text.utf8
        guard bytes.first == UInt8(ascii: "\"") else { return "" }
        var place = bytes.index(after: bytes.startIndex)
        while place < bytes.endIndex, bytes[place] != UInt8(ascii: "\"") {
            // An escaped quote does not end the name.
            if bytes[place] == UInt8(ascii: "\\") { place = bytes.index(after: place) }
            guard place < bytes.endIndex else { return "" }
            place = bytes.index(after: place)
        }
        return bytes[place...].starts(with: "\": ".utf8) ? text[..<place] : ""
    }

    private static func append(_ node: Node, like model: Node?, isLast: Bool, to lines: inout [String]) {
        func put(_ line: String) { lines.append(withoutComma(line) + (isLast ? "" : ",")) }
        guard let end = node.end else { return put(node.line) }
        lines.append(node.line)
        let places =
            model.map { Dictionary($0.children.enumerated().map { ($1.key, $0) }) { first, _ in first } } ?? [:]
        let isObject = node.line.hasSuffix("{")
        let children =
            isObject
            ? node.children.enumerated().sorted { one, other in
                (places[one.element.key] ?? .max, one.offset) < (places[other.element.key] ?? .max, other.offset)
            }.map(\.element) : node.children
        for (index, child) in children.enumerated() {
            let same = isObject ? places[child.key] : index
            let modelChild = same.flatMap { place in
                model.flatMap { $0.children.indices.contains(place) ? $0.children[place] : nil }
            }
            append(child, like: modelChild, isLast: index == children.count - 1, to: &lines)
        }
        put(end)
    }
}
