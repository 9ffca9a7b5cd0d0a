/// The name of a tunnel, the first label of its public host: `^[a-z0-9][a-z0-9-]{0,23}$`.
package struct Subdomain: Hashable, Sendable {
    package let name: String

    /// Accepts the name only if it is valid as it is, without changing its case.
    package init?(exactly name: String) {
        guard Self.isValid(name.utf8) else { return nil }
        self.name = name
    }

    /// Accepts the name in any case, as the servers do.
    package init?(_ name: String) {
        // ASCII letters only: in Unicode, the Kelvin sign also becomes k in lower case.
        let lower = name.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        self.init(exactly: String(decoding: lower, as: UTF8.self))
    }

    /// A name of eight base-36 characters, as the original server makes them.
    package static func random(using generator: inout some RandomNumberGenerator) -> Subdomain {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
        var bytes: [UInt8] = []
        for _ in 0..<8 { bytes.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]) }
        return Subdomain(unchecked: String(decoding: bytes, as: UTF8.self))
    }

    private init(unchecked name: String) {
        self.name = name
    }

    private static func isValid(_ bytes: String.UTF8View) -> Bool {
        guard (1...24).contains(bytes.count), bytes.first != UInt8(ascii: "-") else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
    }
}

extension Subdomain: CustomStringConvertible {
    package var description: String { name }
}
