/// The secret with which a client gets its tunnel's name back (extension `lease`, protocol section 6).
///
/// It is sent in addition to `Authorization`, never instead of it. It is not `Equatable`, because it must be compared
/// in constant time. Its description does not reveal it, so it cannot leak into a log.
package struct LeaseSecret: Sendable, CustomStringConvertible {
    package static let header = "TPoT-Lease"
    static let lengths = 22...128
    /// The text has two hexadecimal digits for each byte.
    private static let randomBytes = 16

    /// The value of the header.
    package let text: String

    private init(text: String) {
        self.text = text
    }

    /// Reads the values of all headers with that name. Nil unless there is exactly one and it has the form of a secret.
    package init?(headers: [String]) {
        guard headers.count == 1, let text = headers.first, Self.lengths.contains(text.utf8.count),
            text.utf8.allSatisfy(Self.isSecretByte)
        else { return nil }
        self.init(text: text)
    }

    /// A new secret of 128 bits from the system's cryptographic random source.
    package static func random() -> LeaseSecret {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for _ in 0..<randomBytes {
            let byte = UInt8.random(in: .min ... .max, using: &generator)
            text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return LeaseSecret(text: String(decoding: text, as: UTF8.self))
    }

    package func matches(_ other: LeaseSecret) -> Bool { ConstantTime.areEqual(text.utf8, other.text.utf8) }

    package var description: String { "a lease" }

    private static func isSecretByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// Compares secrets in a time that does not depend on where they differ.
package enum ConstantTime {
    package static func areEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        // The length is not secret.
        left.count == right.count && zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
