import TPoTWire

/// Decides what lets somebody in, and hides it where an exchange leaves the screen: in HAR files, curl commands, copies
/// and lines. Bodies stay as they are.
package struct SecretMask: Hashable, Sendable {
    /// What stands instead of a field's value: visible as what it is.
    package static let text = "[masked]"
    /// The same in a URL, where brackets mean something.
    package static let urlText = "(masked)"
    /// Hides nothing.
    package static let off: SecretMask = {
        var mask = SecretMask()
        mask.isOff = true
        return mask
    }()

    /// Names of fields, in lower case.
    private static let fieldNames = ["authorization", "proxy-authorization", "cookie", "set-cookie"]
        .map { Array($0.utf8) }
    /// Parts of names of fields and parameters, in lower case and without hyphens and underscores.
    private static let nameParts = ["apikey", "token", "secret", "signature", "session"].map { Array($0.utf8) }
    /// Names of parameters, in lower case.
    private static let parameterNames = ["code", "sig", "key"].map { Array($0.utf8) }

    private let moreFieldNames: [[UInt8]]
    private var isOff = false

    /// - Parameter fieldNames: of more fields that are secret, in any case.
    package init(fieldNames: [String] = []) {
        moreFieldNames = fieldNames.map(\.lowercasedASCII)
    }

    // MARK: Decisions

    package func hides(field name: some Sequence<UInt8>) -> Bool {
        if isOff { return false }
        let name = Self.trimmed(name)
        return Self.fieldNames.contains(name) || moreFieldNames.contains(name) || Self.hasSecretPart(name)
    }

    /// - Parameter name: as it stands in a URL.
    package func hides(parameter name: ArraySlice<UInt8>) -> Bool {
        if isOff || name.isEmpty { return false }
        let name = Self.trimmed(FormTable.decoded(name))
        return Self.fieldNames.contains(name) || Self.parameterNames.contains(name) || Self.hasSecretPart(name)
    }

    private static func hasSecretPart(_ name: [UInt8]) -> Bool {
        let name = name.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
        return nameParts.contains { name.contains(ignoringCase: $0) }
    }

    /// In lower case. Blanks before a colon are no part of a name.
    private static func trimmed(_ name: some Sequence<UInt8>) -> [UInt8] {
        var name = name.map(\.lowercasedASCII)
        while name.last == 0x20 || name.last == 0x09 { name.removeLast() }
        return name
    }

    // MARK: Masking

    /// The value of a field: hidden, or with the URLs in it masked.
    package func value(_ value: [UInt8], of name: some Sequence<UInt8>) -> [UInt8] {
        hides(field: name) ? Array(Self.text.utf8) : url(value)
    }

    /// A whole head as it was sent, with what is secret in it masked.
    package func head(_ head: [UInt8]) -> [UInt8] {
        guard !isOff else { return head }
        var result = url(Array(HTTPText.firstLine(head))) + Array("\r\n".utf8)
        for field in HTTPText.fieldLines(head) { result += line(field) + Array("\r\n".utf8) }
        return result + Array("\r\n".utf8)
    }

    /// The same in a whole line; one that is not hidden stays as it was spelled.
    func line(_ line: ArraySlice<UInt8>) -> [UInt8] {
        let name = line.prefix { $0 != UInt8(ascii: ":") }
        return hides(field: name) ? Array(name) + Array(": \(Self.text)".utf8) : url(Array(line))
    }

    /// Masks user-info and the values of parameters, in a URL or in text that contains one.
    package func url(_ bytes: [UInt8]) -> [UInt8] {
        guard !isOff, bytes.contains(where: Self.mayBeginSecret) else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var isInPath = true
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            result.append(byte)
            index += 1
            switch byte {
            case UInt8(ascii: "/"):
                guard Self.beginsAuthority(result), let end = Self.endOfUserInfo(bytes, from: index) else { continue }
                result += Self.urlText.utf8
                index = end
            case UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "&"), UInt8(ascii: ";"):
                if byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") { isInPath = false }
                guard let equals = Self.endOfName(bytes, from: index), hides(parameter: bytes[index..<equals]) else {
                    continue
                }
                result += bytes[index...equals]
                index = Self.endOfValue(bytes, from: equals + 1, isInPath: isInPath)
                if index > equals + 1 { result += Self.urlText.utf8 }
            case 0x20: isInPath = true
            default: break
            }
        }
        return result
    }

    package func url(_ text: String) -> String {
        String(decoding: url(Array(text.utf8)), as: UTF8.self)
    }

    private static func mayBeginSecret(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "=") || byte == UInt8(ascii: "@")
    }

    /// After `//` at the start or after a colon.
    private static func beginsAuthority(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 2, bytes[bytes.count - 2] == UInt8(ascii: "/") else { return false }
        return bytes.count == 2 || bytes[bytes.count - 3] == UInt8(ascii: ":")
    }

    private static func endOfUserInfo(_ bytes: [UInt8], from start: Int) -> Int? {
        let authority = bytes[start...].prefix { !endsText($0) && !"/?#".utf8.contains($0) }
        guard let at = authority.lastIndex(of: UInt8(ascii: "@")), at > start else { return nil }
        return at
    }

    /// Where the equals sign after a parameter's name is.
    private static func endOfName(_ bytes: [UInt8], from start: Int) -> Int? {
        let end = bytes[start...].firstIndex { endsText($0) || "=&#;?/".utf8.contains($0) }
        return end.flatMap { bytes[$0] == UInt8(ascii: "=") ? $0 : nil }
    }

    /// A path's parameter ends with its segment.
    private static func endOfValue(_ bytes: [UInt8], from start: Int, isInPath: Bool) -> Int {
        let ends = isInPath ? "/?#;" : "&#"
        return bytes[start...].firstIndex { endsText($0) || ends.utf8.contains($0) } ?? bytes.count
    }

    /// What cannot stand in a URL.
    private static func endsText(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">")
    }

    // MARK: What was hidden

    /// What is hidden of a head: whether parts of its URL are, and the names of fields, each once.
    package func hidden(head: [UInt8]) -> (isURL: Bool, fields: [String]) {
        var fields: [String] = []
        let line = Array(HTTPText.firstLine(head))
        for field in HTTPText.fields(head) {
            let isHidden = hides(field: field.name) || url(Array(field.value)) != Array(field.value)
            if isHidden, !fields.contains(field.nameText) { fields.append(field.nameText) }
        }
        return (url(line) != line, fields)
    }
}
