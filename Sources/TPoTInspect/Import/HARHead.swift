import TPoTWire

/// The head of a message, made from the list of its fields.
///
/// It is one of HTTP/1.1 even if the message was one of HTTP/2 or 3, whose heads have no other form. No value can break
/// out of its line.
struct HARHead {
    /// The most bytes of all fields. Later ones are left out.
    static let limit = 256 * 1024

    private(set) var fields: [(name: [UInt8], value: [UInt8])] = []
    /// The host of an HTTP/2 request.
    private(set) var authority: [UInt8]?

    /// - Parameter headers: a list of objects with `name` and `value`. Others are ignored.
    init(_ headers: JSONSlice?) {
        var left = Self.limit
        guard let headers else { return }
        for header in headers.elements where left > 0 {
            let members = header.members(["name", "value"])
            guard let name = members["name"]?.text(limit: left)?.bytes, !name.isEmpty else { continue }
            let value = members["value"]?.text(limit: left)?.bytes ?? []
            // The pseudo-header fields of HTTP/2: what they say stands in the first line.
            guard name[0] != UInt8(ascii: ":") else {
                if name.elementsEqual(":authority".utf8) { authority = Self.line(value) }
                continue
            }
            add(name.filter { $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: ":") }, value)
            left -= name.count + value.count + 4
        }
    }

    /// A value of several lines is one of several fields, as Chrome joins them, or a folded one, whose lines begin with
    /// blanks.
    private mutating func add(_ name: [UInt8], _ value: [UInt8]) {
        guard !name.isEmpty else { return }
        var values: [[UInt8]] = []
        for line in value.split(separator: 0x0a, omittingEmptySubsequences: false) {
            let isFolded = line.first == 0x20 || line.first == 0x09
            if isFolded, let last = values.indices.last {
                values[last] += [0x20] + Self.line(line)
            } else {
                values.append(Self.line(line))
            }
        }
        for value in values where values.count == 1 || !value.isEmpty { fields.append((name, value)) }
    }

    /// Without control characters, and without blanks around it.
    private static func line(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let clean = bytes.map { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f ? 0x20 : $0 }
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        let start = clean.drop(while: isBlank)
        return start.lastIndex { !isBlank($0) }.map { Array(start[...$0]) } ?? []
    }

    // MARK: Changes

    func has(_ name: String) -> Bool { index(of: name) != nil }

    /// - Parameter name: in any case.
    private func index(of name: String) -> Int? {
        fields.firstIndex { $0.name.lowercasedASCII == name.lowercasedASCII }
    }

    /// Adds a field in front of the others unless there is one with this name.
    mutating func addHost(_ host: [UInt8]) {
        let host = authority ?? Self.line(host)
        if !has("host"), !host.isEmpty { fields.insert((Array("Host".utf8), host), at: 0) }
    }

    /// Changes the field, or adds it at the end.
    mutating func set(_ name: String, _ value: String) {
        if let index = index(of: name) {
            fields[index].value = Array(value.utf8)
        } else {
            fields.append((Array(name.utf8), Array(value.utf8)))
        }
    }

    // MARK: Bytes

    func request(_ method: [UInt8], _ target: [UInt8], version: String?) -> [UInt8] {
        bytes(method + [0x20] + target + [0x20] + Array(Self.version(version).utf8))
    }

    func response(_ status: Int, _ reason: [UInt8], version: String?) -> [UInt8] {
        bytes(Array("\(Self.version(version)) \(status) ".utf8) + Self.line(reason))
    }

    private func bytes(_ firstLine: [UInt8]) -> [UInt8] {
        var bytes = firstLine + [0x0d, 0x0a]
        for (name, value) in fields { bytes += name + [0x3a, 0x20] + value + [0x0d, 0x0a] }
        return bytes + [0x0d, 0x0a]
    }

    private static func version(_ text: String?) -> String {
        text?.lowercased() == "http/1.0" ? "HTTP/1.0" : "HTTP/1.1"
    }
}

/// What a request line has of an absolute URL.
struct HARTarget {
    /// The host with its port; empty if the URL has none.
    let host: [UInt8]
    let target: [UInt8]

    /// - Parameter method: a CONNECT asks for a host.
    init(_ url: [UInt8], method: [UInt8]) {
        // Blanks and control characters would end the target, or the line.
        let url = url.prefix { $0 != UInt8(ascii: "#") }.flatMap { byte -> [UInt8] in
            byte <= 0x20 || byte == 0x7f ? Array("%\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8) : [byte]
        }
        guard let colon = url.firstIndex(of: UInt8(ascii: ":")), url[colon...].starts(with: "://".utf8),
            url[..<colon].allSatisfy({ 0x61...0x7a ~= $0 | 0x20 || "+-.".utf8.contains($0) || $0.isASCIIDigit })
        else {
            (host, target) = ([], url.isEmpty ? [UInt8(ascii: "/")] : url)
            return
        }
        let rest = url[(colon + 3)...]
        let authority = rest.prefix { !"/?".utf8.contains($0) }
        // User names and passwords are not sent in a URL.
        host = Array(authority.lastIndex(of: UInt8(ascii: "@")).map { authority[($0 + 1)...] } ?? authority)
        let path = Array(rest[authority.endIndex...])
        if method.elementsEqual("CONNECT".utf8) {
            // This program writes its target as a path.
            let target = Array(path.drop { $0 == UInt8(ascii: "/") })
            self.target = target.isEmpty ? host : target
        } else {
            target = path.first == UInt8(ascii: "/") ? path : [UInt8(ascii: "/")] + path
        }
    }
}
