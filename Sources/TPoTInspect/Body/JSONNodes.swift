import Synchronization

/// The nodes of a text, found when they are first asked for.
final class LazyNodes: Sendable {
    private let found = Mutex<JSONNodes?>(nil)

    func nodes(of table: LineTable) -> JSONNodes {
        found.withLock { found in
            let nodes = found ?? JSONNodes(table)
            found = nodes
            return nodes
        }
    }
}

/// The objects and arrays of a JSON text that is laid out with one member or item on a line.
package struct JSONNodes: Sendable {
    package struct Node: Hashable, Sendable {
        /// From the line with the opening bracket to the line with the closing one.
        package var lines: Range<Int>
        package var isObject: Bool
        /// Members or items.
        package var children: Int
    }

    /// In order of their first lines.
    private var nodes: [Node] = []

    /// - Parameter table: the output of ``JSONIndenter``. The end of the text may be missing.
    init(_ table: LineTable) {
        var open: [Int] = []
        for index in 0..<table.count {
            let line = table[index]
            guard let last = line.last else { continue }
            let first = line.first { $0 != 0x20 }
            let isClosing = first == UInt8(ascii: "}") || first == UInt8(ascii: "]")
            if isClosing, let node = open.popLast() {
                nodes[node].lines = nodes[node].lines.lowerBound..<index + 1
            } else if let parent = open.last {
                nodes[parent].children += 1
            }
            // A line that ends with a bracket opens a node: an empty one is closed on the same line.
            if last == UInt8(ascii: "{") || last == UInt8(ascii: "["), !Self.endsInString(line) {
                open.append(nodes.count)
                nodes.append(Node(lines: index..<index + 1, isObject: last == UInt8(ascii: "{"), children: 0))
            }
        }
        // Without its end, a node reaches to the end of the text.
        for node in open { nodes[node].lines = nodes[node].lines.lowerBound..<table.count }
        nodes.removeAll { $0.lines.count < 2 }
    }

    package var isEmpty: Bool { nodes.isEmpty }

    /// The node that begins at a line.
    package func node(at line: Int) -> Node? {
        let place = place(notBefore: line)
        return place < nodes.count && nodes[place].lines.lowerBound == line ? nodes[place] : nil
    }

    /// The first node that begins at or after a line.
    package func first(from line: Int) -> Node? {
        let place = place(notBefore: line)
        return place < nodes.count ? nodes[place] : nil
    }

    /// The last node that begins before a line.
    package func last(before line: Int) -> Node? {
        let place = place(notBefore: line)
        return place > 0 ? nodes[place - 1] : nil
    }

    /// The nodes that contain a line, the outermost first.
    package func around(_ line: Int) -> [Node] {
        nodes.prefix(place(notBefore: line + 1)).filter { $0.lines.contains(line) }
    }

    /// The nodes one level below the outermost ones. If there are none, the outermost ones.
    package var topLevel: [Node] {
        var outer: [Node] = []
        var inner: [Node] = []
        var outerEnd = 0
        var innerEnd = 0
        for node in nodes {
            if node.lines.lowerBound >= outerEnd {
                outer.append(node)
                (outerEnd, innerEnd) = (node.lines.upperBound, 0)
            } else if node.lines.lowerBound >= innerEnd {
                inner.append(node)
                innerEnd = node.lines.upperBound
            }
        }
        return inner.isEmpty ? outer : inner
    }

    private func place(notBefore line: Int) -> Int {
        var low = 0
        var high = nodes.count
        while low < high {
            let middle = (low + high) / 2
            if nodes[middle].lines.lowerBound < line { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whether the last byte belongs to a string that the limit for lines cut.
    private static func endsInString(_ line: ArraySlice<UInt8>) -> Bool {
        var isInString = false
        var isEscaped = false
        for byte in line {
            if isEscaped {
                isEscaped = false
                continue
            }
            if byte == UInt8(ascii: "\\") {
                isEscaped = isInString
            } else if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            }
        }
        return isInString
    }
}
