import TPoTWire

/// Looks for fields in a captured head without making texts of them: a filter does it for every row.
package enum HeadFields {
    /// The bytes of a media type that are kept.
    static let typeLimit = 64

    /// - Parameters:
    ///   - name: in lower case.
    ///   - value: in lower case, to be found anywhere in the field's value; nil takes any value.
    package static func has(_ name: [UInt8], _ value: [UInt8]?, _ head: [UInt8]?) -> Bool {
        guard let head else { return false }
        return first(head) { field in
            guard field.name.lowercasedEquals(name) else { return nil }
            guard let value else { return true }
            return Array(field.value).contains(ignoringCase: value) ? true : nil
        } ?? false
    }

    static func hasType(_ part: [UInt8], _ head: [UInt8]?) -> Bool {
        mediaType(head)?.contains(ignoringCase: part) == true
    }

    /// The media type without parameters, at most 64 bytes; nil if the head does not say.
    package static func mediaType(_ head: [UInt8]?) -> [UInt8]? {
        guard let head else { return nil }
        let type = first(head) { field in field.name.lowercasedEquals(contentType) ? field.value : nil }
        guard let type = type?.prefix(while: { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x0d }), !type.isEmpty
        else { return nil }
        return Array(type.prefix(typeLimit))
    }

    private static let contentType = Array("content-type".utf8)

    private typealias Field = (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)

    /// The first result that is not nil, for the fields in order.
    private static func first<Result>(_ head: [UInt8], _ body: (Field) -> Result?) -> Result? {
        var lines = head[...]
        // The first line is not a field.
        guard let start = lines.dropFirst().firstIndex(of: 0x0a) else { return nil }
        lines = lines[(start + 1)...]
        while let end = lines.firstIndex(of: 0x0a) {
            let line = lines[..<end]
            lines = lines[(end + 1)...]
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
            if let result = body((line[..<colon], value)) { return result }
        }
        return nil
    }
}

extension ArraySlice<UInt8> {
    fileprivate func lowercasedEquals(_ other: [UInt8]) -> Bool {
        count == other.count && zip(self, other).allSatisfy { $0.lowercasedASCII == $1 }
    }
}
