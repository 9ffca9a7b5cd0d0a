/// A value in a JSON text that ``JSONScanner`` has found. Its parts are read when they are asked for.
package struct JSONSlice: Sendable {
    package enum Kind: String, Sendable {
        case object = "an object"
        case array = "a list"
        case string = "text"
        case number = "a number"
        case bool = "true or false"
        case null
    }

    /// The most bytes of a number that are read.
    private static let numberLimit = 512

    private let bytes: [UInt8]
    /// Where it stands in the text.
    package let range: Range<Int>

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        self.range = range
    }

    /// Numbers that JSON does not have are null: see ``JSONScanner``.
    package var kind: Kind {
        guard !range.isEmpty else { return .null }
        switch bytes[range.lowerBound] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "I"): return .null
        default: return bytes[range.upperBound - 1] == UInt8(ascii: "y") ? .null : .number
        }
    }

    /// The members with these names, in one pass. Of members with the same name the last counts. Null is like none.
    package func members(_ names: [String]) -> [String: JSONSlice] {
        guard kind == .object else { return [:] }
        var found: [String: JSONSlice] = [:]
        var scanner = JSONScanner(bytes, at: range.lowerBound + 1)
        guard !scanner.take(UInt8(ascii: "}")) else { return [:] }
        repeat {
            // The scanner has been here before, so nothing fails.
            guard let name = try? scanner.name(), let value = try? scanner.value() else { break }
            guard let wanted = names.first(where: { name.spells($0) }) else { continue }
            found[wanted] = value.kind == .null ? nil : value
        } while scanner.take(UInt8(ascii: ","))
        return found
    }

    /// All members in their order, null as well.
    /// - Parameter limit: the most of them.
    /// - Returns: nil if there are more, or if it is no object.
    package func members(limit: Int) -> [(name: String, value: JSONSlice)]? {
        guard kind == .object else { return nil }
        var found: [(name: String, value: JSONSlice)] = []
        var scanner = JSONScanner(bytes, at: range.lowerBound + 1)
        guard !scanner.take(UInt8(ascii: "}")) else { return [] }
        repeat {
            guard found.count < limit else { return nil }
            // The scanner has been here before, so nothing fails.
            guard let name = try? scanner.name().string(), let value = try? scanner.value() else { break }
            found.append((name, value))
        } while scanner.take(UInt8(ascii: ","))
        return found
    }

    /// The elements of an array, found one after the other. None if it is no array.
    package var elements: Elements { Elements(self) }

    package struct Elements: Sequence, IteratorProtocol {
        /// Nil after the last one.
        private var scanner: JSONScanner?

        fileprivate init(_ array: JSONSlice) {
            guard array.kind == .array else { return }
            var scanner = JSONScanner(array.bytes, at: array.range.lowerBound + 1)
            self.scanner = scanner.take(UInt8(ascii: "]")) ? nil : scanner
        }

        package mutating func next() -> JSONSlice? {
            let value = try? scanner?.value()
            if scanner?.take(UInt8(ascii: ",")) != true { scanner = nil }
            return value
        }
    }

    /// Nil if it is no number, or one that is too large for a `Double`.
    package var number: Double? {
        guard kind == .number, range.count <= Self.numberLimit else { return nil }
        let number = Double(String(decoding: bytes[range], as: UTF8.self))
        return number?.isFinite == true ? number : nil
    }

    /// Nil if it is no whole number, or too large.
    package var integer: Int64? {
        guard kind == .number, range.count <= Self.numberLimit else { return nil }
        return Int64(String(decoding: bytes[range], as: UTF8.self)) ?? number.flatMap { Int64(exactly: $0) }
    }

    package var bool: Bool? {
        kind == .bool ? bytes[range.lowerBound] == UInt8(ascii: "t") : nil
    }

    /// The text in UTF-8, as far as the file is UTF-8; nil if it is no text.
    /// - Parameter limit: the most bytes.
    /// - Returns: the beginning, and how many bytes the whole text has.
    package func text(limit: Int = .max) -> (bytes: [UInt8], count: Int)? {
        guard kind == .string, range.count >= 2 else { return nil }
        let content = bytes[range.lowerBound + 1..<range.upperBound - 1]
        guard content.contains(UInt8(ascii: "\\")) else { return (Array(content.prefix(limit)), content.count) }
        var text: [UInt8] = []
        text.reserveCapacity(min(content.count, limit))
        var count = 0
        var place = content.startIndex
        while place < content.endIndex {
            guard content[place] == UInt8(ascii: "\\") else {
                if count < limit { text.append(content[place]) }
                count += 1
                place += 1
                continue
            }
            let scalar = Self.escaped(content, &place)
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                if count < limit { text.append(byte) }
                count += 1
            }
        }
        return (text, count)
    }

    /// A short text as a string.
    package func string(limit: Int = 4096) -> String? {
        text(limit: limit).map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// Reads the escape at `place`. An invalid one stands for itself, without the backslash.
    private static func escaped(_ content: ArraySlice<UInt8>, _ place: inout Int) -> Unicode.Scalar {
        place += 1
        guard place < content.endIndex else { return "\\" }
        let letter = content[place]
        place += 1
        switch letter {
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            guard let unit = unit(content, at: place) else { return "u" }
            place += 4
            guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit) ?? "\u{fffd}" }
            guard content[place...].starts(with: "\\u".utf8), let next = Self.unit(content, at: place + 2),
                UTF16.isTrailSurrogate(next)
            else { return "\u{fffd}" }
            place += 6
            return Unicode.Scalar(0x10000 + UInt32(unit & 0x3ff) << 10 + UInt32(next & 0x3ff)) ?? "\u{fffd}"
        default:
            // A byte of a longer character is none alone: it stays for the bytes after it.
            if letter >= 0x80 { place -= 1 }
            return letter < 0x80 ? Unicode.Scalar(letter) : "\\"
        }
    }

    private static func unit(_ content: ArraySlice<UInt8>, at place: Int) -> UInt16? {
        guard content.endIndex - place >= 4 else { return nil }
        var unit: UInt16 = 0
        for byte in content[place..<place + 4] {
            guard let digit = byte.hexValue else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    /// Whether it is this text.
    private func spells(_ name: String) -> Bool {
        let content = bytes[range.lowerBound + 1..<range.upperBound - 1]
        if content.contains(UInt8(ascii: "\\")) { return text()?.bytes.elementsEqual(name.utf8) == true }
        return content.elementsEqual(name.utf8)
    }
}
