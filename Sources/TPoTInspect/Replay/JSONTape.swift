import TPoTWire

/// A JSON text as a flat list of its values in the order of the text (RFC 8259). A value takes 16 bytes, so that even a
/// large body can be compared.
struct JSONTape {
    /// A text with more levels is not read.
    private static let depthLimit = 200

    enum Kind: UInt8 {
        /// A number, `true`, `false` or `null`.
        case word
        case string, array, object
    }

    struct Node {
        var start: UInt32
        var end: UInt32
        /// The index of the first node that is no part of this one.
        var next: UInt32
        var kind: Kind
    }

    /// The members of an object are two nodes each: the name and the value.
    private(set) var nodes: [Node] = []
    private let bytes: [UInt8]
    private var position = 0

    /// Nil if the text is not one JSON value.
    init?(_ bytes: [UInt8]) {
        guard bytes.count < Int(UInt32.max) else { return nil }
        self.bytes = bytes
        guard value(depth: 0) else { return nil }
        skipBlanks()
        guard position == bytes.count else { return nil }
    }

    // MARK: Reading the list

    /// The values in an array, or the names in an object.
    func children(of index: Int) -> [Int] {
        var children: [Int] = []
        let end = Int(nodes[index].next)
        var child = index + 1
        while child < end {
            children.append(child)
            child = nodes[index].kind == .object ? Int(nodes[child + 1].next) : Int(nodes[child].next)
        }
        return children
    }

    /// The value as it is written, with the quotes of a string.
    func text(_ index: Int) -> ArraySlice<UInt8> { bytes[Int(nodes[index].start)..<Int(nodes[index].end)] }

    /// The content of a string.
    func string(_ index: Int) -> ArraySlice<UInt8> {
        let quoted = text(index)
        let content = quoted.dropFirst().dropLast()
        guard content.contains(UInt8(ascii: "\\")) else { return content }
        guard case .string(let text)? = try? JSONParser.parse(String(decoding: quoted, as: UTF8.self)) else {
            return content
        }
        return Array(text.utf8)[...]
    }

    // MARK: Making the list

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) -> Bool {
        skipBlanks()
        guard depth < Self.depthLimit, let byte = peek else { return false }
        switch byte {
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "{"): return list(.object, end: UInt8(ascii: "}"), depth)
        case UInt8(ascii: "["): return list(.array, end: UInt8(ascii: "]"), depth)
        default: return word()
        }
    }

    private mutating func list(_ kind: Kind, end: UInt8, _ depth: Int) -> Bool {
        let index = begin(kind)
        position += 1
        skipBlanks()
        if !take(end) {
            repeat {
                if kind == .object {
                    skipBlanks()
                    guard peek == UInt8(ascii: "\""), string() else { return false }
                    skipBlanks()
                    guard take(UInt8(ascii: ":")) else { return false }
                }
                guard value(depth: depth + 1) else { return false }
                skipBlanks()
            } while take(UInt8(ascii: ","))
            guard take(end) else { return false }
        }
        finish(index)
        return true
    }

    private mutating func string() -> Bool {
        let index = begin(.string)
        position += 1
        while let byte = peek, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { return false }
            position += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        guard take(UInt8(ascii: "\"")) else { return false }
        finish(index)
        return true
    }

    private mutating func word() -> Bool {
        let index = begin(.word)
        while let byte = peek, byte > 0x20, !",]}".utf8.contains(byte) { position += 1 }
        finish(index)
        let word = text(index)
        guard let first = word.first else { return false }
        if first == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
            return word.dropFirst().allSatisfy { "0123456789.eE+-".utf8.contains($0) }
        }
        return ["true", "false", "null"].contains { word.elementsEqual($0.utf8) }
    }

    private mutating func begin(_ kind: Kind) -> Int {
        nodes.append(Node(start: UInt32(position), end: 0, next: 0, kind: kind))
        return nodes.count - 1
    }

    private mutating func finish(_ index: Int) {
        nodes[index].end = UInt32(position)
        nodes[index].next = UInt32(nodes.count)
    }
}
