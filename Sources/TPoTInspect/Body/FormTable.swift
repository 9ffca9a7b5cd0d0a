import TPoTWire

/// Shows `application/x-www-form-urlencoded` as names and values (WHATWG URL, 5.1).
enum FormTable {
    /// The most lines that are shown. A field takes one line, or several if its value is JSON. It is also the most
    /// fields that are listed anywhere.
    static let limit = 10_000

    static func lines(_ bytes: [UInt8]) -> [BodyLine] {
        var (pairs, isCut) = pairs(bytes)
        var fieldJSON = FieldJSON()
        var lines: [BodyLine] = []
        for pair in pairs {
            guard lines.count < limit else {
                isCut = true
                break
            }
            let (name, value) = decoded(pair: pair)
            let key = BodyLine.Span(VisibleText.text(name), .key)
            guard let json = fieldJSON.lines(value) else {
                lines.append(BodyLine([key, .init(" = ", .punctuation), .init(VisibleText.text(value), .string)]))
                continue
            }
            lines.append(BodyLine([key, .init(": ", .punctuation), .init("JSON, \(value.count) bytes", .note)]))
            let count = min(json.count, limit - lines.count)
            lines += (0..<count).map {
                BodyLine([.init("    ", .text)] + JSONLineStyle.styled(json[$0], decodesEscapes: true).spans)
            }
            if count < json.count { lines.append(BodyLine("    …", .note)) }
        }
        if isCut { lines.append(BodyLine("more fields", .note)) }
        return lines
    }

    /// The fields as they are on the wire, and whether there are more than ``limit``.
    static func pairs(_ bytes: some Collection<UInt8>) -> (pairs: [ArraySlice<UInt8>], isCut: Bool) {
        var pairs = Array(bytes).split(separator: UInt8(ascii: "&"), maxSplits: limit)
        // The last element holds everything after the limit.
        let isCut = pairs.count > limit
        if isCut { pairs.removeLast() }
        return (pairs, isCut)
    }

    static func decoded(pair: ArraySlice<UInt8>) -> (name: [UInt8], value: [UInt8]) {
        let name = pair.prefix { $0 != UInt8(ascii: "=") }
        return (decoded(name), decoded(pair.dropFirst(name.count + 1)))
    }

    /// `+` becomes a space and `%41` a byte. Invalid escapes stay as they are.
    static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        PercentEncoding.decode(bytes.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 })
    }
}

/// Lays out JSON in the values of form fields, as Slack and others send it, up to a limit for each body.
struct FieldJSON {
    /// The most bytes of values that are laid out for one body. The layout takes up to 33 times as many.
    static let limit = 256 * 1024

    private var left = Self.limit

    /// Lays a value out. Nil if it is not one complete object or array, or if the limit is reached.
    mutating func lines(_ value: [UInt8]) -> LineTable? {
        guard value.count <= left, BodyKind.looksLikeJSON(value) else { return nil }
        left -= value.count
        let json = JSONIndenter.indent(value)
        guard json.faultOffset == nil, !json.isIncomplete, !json.isCutAtLimit, json.values == 1 else { return nil }
        return LineTable(json.bytes)
    }
}
