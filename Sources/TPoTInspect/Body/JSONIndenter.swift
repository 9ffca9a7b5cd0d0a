/// Lays JSON out in lines (RFC 8259), token by token.
///
/// A parser is not used: it would change how numbers are written and the order of members, and it could show nothing of
/// a text whose end is missing.
struct JSONIndenter {
    struct Result: Hashable, Sendable {
        var bytes: [UInt8]
        /// The offset of the first invalid byte. Nil if there is none.
        var faultOffset: Int?
        /// The text ends in the middle of a value.
        var isIncomplete = false
        /// The number of values in a row.
        var values = 0
        /// The output would be longer than ``JSONIndenter/limit``.
        var isCutAtLimit = false
    }

    /// The most bytes of output.
    static let limit = 16 * 1024 * 1024
    /// Deeper structures are faults: they are most likely an attack.
    static let depthLimit = 512
    /// Deeper levels are not indented further.
    static let indentLimit = 32

    /// Several values in a row are accepted. So is an end in the middle of a value, because the body may not be
    /// captured completely.
    static func indent(_ input: [UInt8]) -> Result {
        var indenter = JSONIndenter(input)
        return indenter.run()
    }

    /// What may come next.
    private enum Expectation {
        case value, valueOrEnd, memberOrEnd, member, colon, commaOrEnd
    }

    private let input: [UInt8]
    private var offset = 0
    private var output: [UInt8] = []
    /// The open brackets: true for an object.
    private var stack: [Bool] = []
    private var expectation = Expectation.value
    private var values = 0
    /// The last token is incomplete.
    private var isTokenCut = false

    private init(_ input: [UInt8]) {
        self.input = input
        output.reserveCapacity(input.count + input.count / 4)
    }

    private mutating func run() -> Result {
        while offset < input.count {
            let byte = input[offset]
            if byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
                offset += 1
                continue
            }
            let start = offset
            guard step(byte) else { return Result(bytes: output, faultOffset: start) }
            if output.count > Self.limit { return Result(bytes: output, faultOffset: nil, isCutAtLimit: true) }
        }
        let isIncomplete = isTokenCut || !stack.isEmpty
        return Result(bytes: output, faultOffset: nil, isIncomplete: isIncomplete, values: values)
    }

    /// Takes one token. Returns false if it is invalid at this place.
    private mutating func step(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return open(byte)
        case UInt8(ascii: "}"), UInt8(ascii: "]"): return close(byte)
        case UInt8(ascii: ","):
            guard expectation == .commaOrEnd, let isObject = stack.last else { return false }
            put(byte)
            newLine()
            expectation = isObject ? .member : .value
            return true
        case UInt8(ascii: ":"):
            guard expectation == .colon else { return false }
            put(byte)
            output.append(0x20)
            expectation = .value
            return true
        case UInt8(ascii: "\""):
            return string()
        default:
            return scalar()
        }
    }

    private mutating func open(_ byte: UInt8) -> Bool {
        guard beginValue(), stack.count < Self.depthLimit else { return false }
        let isObject = byte == UInt8(ascii: "{")
        stack.append(isObject)
        put(byte)
        expectation = isObject ? .memberOrEnd : .valueOrEnd
        return true
    }

    private mutating func close(_ byte: UInt8) -> Bool {
        guard let isObject = stack.last, isObject == (byte == UInt8(ascii: "}")) else { return false }
        let isEmpty = expectation == .memberOrEnd || expectation == .valueOrEnd
        guard isEmpty || expectation == .commaOrEnd else { return false }
        stack.removeLast()
        if !isEmpty { newLine() }
        put(byte)
        expectation = stack.isEmpty ? .value : .commaOrEnd
        return true
    }

    private mutating func string() -> Bool {
        let isName = expectation == .member || expectation == .memberOrEnd
        if isName {
            if expectation == .memberOrEnd { newLine() }
        } else if !beginValue() {
            return false
        }
        var end = offset + 1
        while end < input.count, input[end] != UInt8(ascii: "\"") {
            guard input[end] >= 0x20 else { return false }
            guard input[end] == UInt8(ascii: "\\") else {
                end += 1
                continue
            }
            guard isEscape(at: end + 1) else { return false }
            end += 2
        }
        isTokenCut = end >= input.count
        end = min(end + 1, input.count)
        output += input[offset..<end]
        offset = end
        expectation = isName ? .colon : stack.isEmpty ? .value : .commaOrEnd
        return true
    }

    /// Whether a valid escape follows a backslash. An escape that ends with the input is valid.
    private func isEscape(at offset: Int) -> Bool {
        guard offset < input.count else { return true }
        guard input[offset] == UInt8(ascii: "u") else { return "\"\\/bfnrt".utf8.contains(input[offset]) }
        return input[(offset + 1)...].prefix(4).allSatisfy { $0.hexValue != nil }
    }

    /// Takes a number or a keyword. Its text is kept as it is.
    private mutating func scalar() -> Bool {
        var end = offset
        while end < input.count, Self.isScalarByte(input[end]) { end += 1 }
        let word = input[offset..<end]
        let isCut = end == input.count
        let isWhole = Self.isNumber(word) || Self.keywords.contains { word.elementsEqual($0) }
        let isBeginning =
            isCut && (Self.isNumber(word + [UInt8(ascii: "0")]) || Self.keywords.contains { $0.starts(with: word) })
        guard !word.isEmpty, isWhole || isBeginning, beginValue() else { return false }
        isTokenCut = !isWhole
        output += word
        offset = end
        expectation = stack.isEmpty ? .value : .commaOrEnd
        return true
    }

    /// Whether the word is a number (RFC 8259, 6).
    private static func isNumber(_ word: some Sequence<UInt8>) -> Bool {
        var rest = Array(word)[...]
        func digits() -> Bool {
            let count = rest.prefix { $0.isASCIIDigit }.count
            rest = rest.dropFirst(count)
            return count > 0
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        if rest.first == UInt8(ascii: "0") { rest = rest.dropFirst() } else if !digits() { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits() else { return false }
        }
        guard let exponent = rest.first else { return true }
        guard exponent | 0x20 == UInt8(ascii: "e") else { return false }
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        return digits() && rest.isEmpty
    }

    private static let keywords = ["true", "false", "null"].map { Array($0.utf8) }

    private static func isScalarByte(_ byte: UInt8) -> Bool {
        byte.isASCIIDigit || 0x61...0x7a ~= byte || byte == UInt8(ascii: "E") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
    }

    /// Starts a new line if the value needs one.
    private mutating func beginValue() -> Bool {
        if stack.isEmpty { values += 1 }
        switch expectation {
        case .valueOrEnd: newLine()
        case .value: if stack.isEmpty, !output.isEmpty { newLine() }
        default: return false
        }
        return true
    }

    private mutating func put(_ byte: UInt8) {
        output.append(byte)
        offset += 1
    }

    private mutating func newLine() {
        output.append(0x0a)
        for _ in 0..<2 * min(stack.count, Self.indentLimit) { output.append(0x20) }
    }
}
