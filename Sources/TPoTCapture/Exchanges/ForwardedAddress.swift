import NIOCore
import TPoTWire

/// The visitor's address as a proxy in front of the server wrote it into the request.
package enum ForwardedAddress {
    /// The most characters of an address. An IPv6 address with a port has 47.
    static let limit = 64

    /// The address from the first usable field of `Forwarded` (RFC 7239), `X-Forwarded-For` and `X-Real-IP`. Of a list
    /// it takes the first element, which is the address farthest away.
    package static func find(in head: [UInt8]) -> String? {
        // Most heads have none of these fields, and a search by name is the most expensive part of reading a head.
        guard HTTPHeaderFields.mayHaveName(beginningWithOneOf: "fx", in: head) else { return nil }
        let fields = HTTPHeaderFields(ofHead: ByteBuffer(bytes: head))
        if let forwarded = fields.first(named: "forwarded"), let address = forParameter(of: forwarded) {
            return address
        }
        guard let list = fields.first(named: "x-forwarded-for") ?? fields.first(named: "x-real-ip") else { return nil }
        return text(list.prefix { $0 != UInt8(ascii: ",") })
    }

    /// The `for` parameter of the first element: `Forwarded: proto=https;for="[2001:db8::1]:4711", for=10.0.0.1`.
    private static func forParameter(of value: ByteBufferView) -> String? {
        let first = value.prefix { $0 != UInt8(ascii: ",") }
        for parameter in first.split(separator: UInt8(ascii: ";")) {
            let trimmed = parameter.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            // Converts to lower case. `=` has this bit anyway.
            let name = trimmed.prefix(4).map { $0 | 0x20 }
            guard name.elementsEqual("for=".utf8) else { continue }
            // Some proxies hide the address: `unknown`, or a word that begins with `_` (RFC 7239, 6.2 and 6.3).
            return text(trimmed.dropFirst(4)).flatMap { $0.first == "_" || $0.lowercased() == "unknown" ? nil : $0 }
        }
        return nil
    }

    private static func text(_ bytes: ByteBufferView) -> String? {
        let blanks: (UInt8) -> Bool = {
            $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\"")
        }
        var trimmed = bytes.drop(while: blanks)
        while let last = trimmed.last, blanks(last) { trimmed = trimmed.dropLast() }
        guard !trimmed.isEmpty else { return nil }
        return HTTPHeaderFields.text(trimmed.prefix(limit))
    }
}
