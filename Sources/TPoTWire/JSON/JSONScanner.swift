/// Why a text is not valid JSON, and at which byte.
package struct JSONFault: Error, Hashable, Sendable {
    package var offset: Int
    package var reason: String

    package init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }
}

/// Finds the values of a JSON text (RFC 8259) without building them, so that a large file takes no more memory than its
/// bytes. ``JSONSlice`` reads what was found.
///
/// It takes control characters in strings, and `NaN` and `Infinity`, which Python writes: a file with them can be read.
package struct JSONScanner {
    /// The most levels of objects and arrays. Nothing here is recursive, so it only limits memory.
    package static let depthLimit = 1024

    private let bytes: [UInt8]
    package private(set) var position: Int

    package init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
        if position == 0, bytes.starts(with: [0xef, 0xbb, 0xbf]) { self.position = 3 }
    }

    /// The next byte that is not white space, if there is one.
    package mutating func peek() -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    /// Takes the next byte if it is this one.
    package mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    package mutating func expect(_ byte: UInt8, _ name: String) throws(JSONFault) {
        guard take(byte) else { throw fault("\(name) is expected") }
    }

    package mutating func expectEnd() throws(JSONFault) {
        guard peek() == nil else { throw fault("the end is expected") }
    }

    /// Takes a value.
    package mutating func value() throws(JSONFault) -> JSONSlice {
        _ = peek()
        let start = position
        try skipValue()
        return JSONSlice(bytes, start..<position)
    }

    /// Takes the name of a member and the colon after it.
    package mutating func name() throws(JSONFault) -> JSONSlice {
        guard peek() == UInt8(ascii: "\"") else { throw fault("a name in quotes is expected") }
        let start = position
        try skipString()
        let end = position
        try expect(UInt8(ascii: ":"), "a colon")
        return JSONSlice(bytes, start..<end)
    }

    private func fault(_ reason: String) -> JSONFault {
        guard position < bytes.count else { return JSONFault(offset: position, reason: "the file ends too early") }
        let found = String(decoding: bytes[position...].prefix(12), as: UTF8.self).first.map { String($0) } ?? ""
        return JSONFault(offset: position, reason: "\(reason), not \"\(VisibleText.text(found))\"")
    }

    // MARK: Skipping

    private mutating func skipValue() throws(JSONFault) {
        /// The brackets that close what is open.
        var open: [UInt8] = []
        while true {
            if try opens(&open) { continue }
            // After a value come closing brackets, and then a comma with the next one.
            while let close = open.last, take(close) { open.removeLast() }
            guard let close = open.last else { return }
            try expect(UInt8(ascii: ","), close == UInt8(ascii: "}") ? "a comma or }" : "a comma or ]")
            if close == UInt8(ascii: "}") { _ = try name() }
        }
    }

    /// Takes a value, or the beginning of one up to its first element.
    /// - Returns: true for a beginning.
    private mutating func opens(_ open: inout [UInt8]) throws(JSONFault) -> Bool {
        switch peek() {
        case UInt8(ascii: "{"):
            position += 1
            if take(UInt8(ascii: "}")) { return false }
            try push(UInt8(ascii: "}"), &open)
            _ = try name()
            return true
        case UInt8(ascii: "["):
            position += 1
            if take(UInt8(ascii: "]")) { return false }
            try push(UInt8(ascii: "]"), &open)
            return true
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "-"), (UInt8(ascii: "0")...UInt8(ascii: "9"))?: try skipNumber()
        default: try skipWord(["true", "false", "null", "NaN", "Infinity"])
        }
        return false
    }

    private func push(_ close: UInt8, _ open: inout [UInt8]) throws(JSONFault) {
        guard open.count < Self.depthLimit else {
            throw JSONFault(offset: position, reason: "it is nested deeper than \(Self.depthLimit) levels")
        }
        open.append(close)
    }

    private mutating func skipWord(_ words: [String]) throws(JSONFault) {
        guard let word = words.first(where: { bytes[position...].starts(with: $0.utf8) }) else {
            throw fault("a value is expected")
        }
        position += word.utf8.count
    }

    private mutating func skipNumber() throws(JSONFault) {
        if bytes[position] == UInt8(ascii: "-") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "I") { return try skipWord(["Infinity"]) }
        }
        try skipDigits()
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try skipDigits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, "+-".utf8.contains(bytes[position]) { position += 1 }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(JSONFault) {
        let start = position
        while position < bytes.count, bytes[position].isASCIIDigit { position += 1 }
        guard position > start else { throw fault("a digit is expected") }
    }

    private mutating func skipString() throws(JSONFault) {
        let start = position
        // Most of a file is strings, so this is the loop that counts.
        position = bytes.withUnsafeBufferPointer { bytes in
            var place = start + 1
            while place < bytes.count {
                if bytes[place] == UInt8(ascii: "\"") { return place + 1 }
                place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
            }
            return bytes.count + 1
        }
        guard position <= bytes.count else {
            position = bytes.count
            throw JSONFault(offset: start, reason: "the file ends in the text that begins here")
        }
    }
}
