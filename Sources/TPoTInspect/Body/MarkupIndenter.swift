import TPoTWire

/// Lays XML or HTML out with one tag on a line. Only white space between tags and text changes.
///
/// A parser is not used: it would correct what the sender wrote, and it could show nothing of a text whose end is missing.
struct MarkupIndenter {
    /// The most bytes of input and of output.
    static let limit = 8 * 1024 * 1024
    /// Deeper levels are not indented further.
    static let indentLimit = 32
    /// An element that holds only text stays on one line up to this many bytes.
    private static let lineLength = 100

    /// HTML elements without an end tag (HTML, 13.1.2).
    private static let void: Set<String> = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
    ]
    /// HTML elements in which tags are text or white space counts.
    private static let verbatim: Set<String> = ["script", "style", "pre", "textarea"]

    /// Nil if the text is not laid out: it is too long, or a tag has no end.
    static func indent(_ input: [UInt8], isHTML: Bool) -> [UInt8]? {
        guard input.count <= limit else { return nil }
        var indenter = MarkupIndenter(input, isHTML: isHTML)
        return indenter.run()
    }

    private enum Token {
        case start(name: String)
        case end(name: String)
        case other
        case text
    }

    private let input: [UInt8]
    private let isHTML: Bool
    private var offset = 0
    private var output: [UInt8] = []
    /// The open elements.
    private var stack: [String] = []
    /// The last line holds a start tag only, so a text may follow on it.
    private var isAfterStart = false
    /// The last line holds a start tag and a text, so the end tag may follow on it.
    private var isAfterText = false

    private init(_ input: [UInt8], isHTML: Bool) {
        self.input = input
        self.isHTML = isHTML
        output.reserveCapacity(input.count + input.count / 4)
    }

    private mutating func run() -> [UInt8]? {
        while offset < input.count {
            let start = offset
            guard let token = next() else { return nil }
            put(token, input[start..<offset])
            guard output.count <= Self.limit * 2 else { return nil }
            if isHTML, case .start(let name) = token, Self.verbatim.contains(name) { putVerbatim(name) }
        }
        return output
    }

    /// Moves past one token. Nil if it has no end.
    private mutating func next() -> Token? {
        guard input[offset] == UInt8(ascii: "<"), isTag(at: offset) else {
            let start = offset
            offset = start + 1
            while offset < input.count, input[offset] != UInt8(ascii: "<") || !isTag(at: offset) { offset += 1 }
            return .text
        }
        for (start, end) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")] where has(start, at: offset) {
            guard let close = find(end, from: offset + start.utf8.count) else { return nil }
            offset = close
            return .other
        }
        var end = offset + 1
        var quote: UInt8?
        while end < input.count, quote != nil || input[end] != UInt8(ascii: ">") {
            let byte = input[end]
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            }
            end += 1
        }
        guard end < input.count else { return nil }
        let tag = input[offset + 1..<end]
        offset = end + 1
        guard let first = tag.first, first != UInt8(ascii: "!") else { return .other }
        let isEnd = first == UInt8(ascii: "/")
        let name = tag.dropFirst(isEnd ? 1 : 0).prefix { $0 > 0x20 && $0 != UInt8(ascii: "/") }
        let text = String(decoding: isHTML ? Array(name).lowercasedASCII : Array(name), as: UTF8.self)
        if isEnd { return .end(name: text) }
        let isEmpty = tag.last == UInt8(ascii: "/") || isHTML && Self.void.contains(text)
        return isEmpty ? .other : .start(name: text)
    }

    /// A `<` before anything else is text.
    private func isTag(at offset: Int) -> Bool {
        guard offset + 1 < input.count else { return false }
        let next = input[offset + 1]
        return next | 0x20 >= 0x61 && next | 0x20 <= 0x7a || next >= 0x80 || next == UInt8(ascii: "_")
            || next == UInt8(ascii: "/") || next == UInt8(ascii: "!") || next == UInt8(ascii: "?")
    }

    private mutating func put(_ token: Token, _ bytes: ArraySlice<UInt8>) {
        switch token {
        case .text:
            let lines = bytes.split(separator: 0x0a).map(Self.trimmed).filter { !$0.isEmpty }
            guard let first = lines.first else { return }
            isAfterText = isAfterStart && lines.count == 1 && first.count <= Self.lineLength
            if !isAfterText { newLine() }
            output += first
            for line in lines.dropFirst() {
                newLine()
                output += line
            }
            isAfterStart = false
        case .start(let name):
            newLine()
            output += bytes
            stack.append(name)
            (isAfterStart, isAfterText) = (true, false)
        case .end(let name):
            // An end tag closes what was left open in its element. Without its start tag it closes nothing.
            let isOpen = stack.last == name
            if let place = stack.lastIndex(of: name) { stack.removeSubrange(place...) }
            if !(isOpen && (isAfterStart || isAfterText)) { newLine() }
            output += bytes
            (isAfterStart, isAfterText) = (false, false)
        case .other:
            newLine()
            output += bytes
            (isAfterStart, isAfterText) = (false, false)
        }
    }

    /// Copies the content of an element up to its end tag.
    private mutating func putVerbatim(_ name: String) {
        let start = offset
        while offset < input.count {
            if input[offset] == UInt8(ascii: "<"), has("</" + name, at: offset) { break }
            offset += 1
        }
        output += input[start..<offset]
        // The end tag follows on the same line, as it did.
        isAfterText = true
    }

    private mutating func newLine() {
        guard !output.isEmpty else { return }
        output.append(0x0a)
        for _ in 0..<2 * min(stack.count, Self.indentLimit) { output.append(0x20) }
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }
        let start = line.drop(while: isBlank)
        return start.lastIndex { !isBlank($0) }.map { start[...$0] } ?? []
    }

    /// Whether a text is at an offset, ignoring case.
    private func has(_ text: String, at offset: Int) -> Bool {
        Array(input[offset...].prefix(text.utf8.count)).lowercasedASCII == text.lowercasedASCII
    }

    /// The offset after the next occurrence of a text.
    private func find(_ text: String, from start: Int) -> Int? {
        let wanted = Array(text.utf8)
        var offset = start
        while offset + wanted.count <= input.count {
            if input[offset] == wanted[0], input[offset..<offset + wanted.count].elementsEqual(wanted) {
                return offset + wanted.count
            }
            offset += 1
        }
        return nil
    }
}
