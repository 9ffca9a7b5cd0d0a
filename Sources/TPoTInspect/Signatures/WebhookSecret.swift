import Crypto
import TPoTCapture
import TPoTWire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A secret or public key with which a provider's signatures are checked. Its description does not reveal it, so it cannot
/// leak into a log.
struct WebhookSecret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The most bytes of a secret. Keys are shorter.
    static let limit = 4096

    enum Key: Sendable {
        case hmac(SymmetricKey)
        /// It is sent as it is.
        case token([UInt8])
        case ed25519(Curve25519.Signing.PublicKey)
        case p256(P256.Signing.PublicKey)

        /// It makes signatures as well as it checks them.
        var isHMAC: Bool { if case .hmac = self { true } else { false } }
    }

    let key: Key

    /// The beginning of secrets and of public keys in the Standard Webhooks form.
    private static let standardPrefix = "whsec_"
    private static let standardPublicPrefix = "whpk_"

    /// - Throws: what is wrong with the text, as the end of a sentence.
    init(_ text: String, of scheme: SignatureScheme) throws(Unusable) {
        guard !text.isEmpty else {
            throw Unusable("the secret is empty; write it between the quotes, or remove the entry")
        }
        guard text.utf8.count <= Self.limit else {
            throw Unusable("the secret is longer than \(Self.limit) bytes; copy it again from the provider's page")
        }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw Unusable("the secret contains a control character; copy it again from the provider's page")
        }
        switch scheme {
        case .stripe, .gitHub, .shopify, .slack, .twilio, .mailgun, .linear, .paddle:
            // The whole text is the key. Stripe's whsec_ is part of it.
            key = .hmac(SymmetricKey(data: Data(text.utf8)))
        case .telegram: key = .token(Array(text.utf8))
        case .gitLab:
            // GitLab's signing tokens have the form of Standard Webhooks. Its older secret tokens are sent as they are.
            if text.hasPrefix(Self.standardPrefix), let bytes = Self.base64(text.dropFirst(Self.standardPrefix.count)) {
                key = .hmac(SymmetricKey(data: bytes))
            } else {
                key = .token(Array(text.utf8))
            }
        case .standardWebhooks, .svix: key = try Self.standardKey(text)
        case .discord:
            guard let bytes = HexText.bytes(text.utf8),
                let publicKey = try? Curve25519.Signing.PublicKey(rawRepresentation: Data(bytes))
            else {
                throw Unusable(
                    "this is not a public key of Discord; write the 64 hexadecimal digits of the application"
                )
            }
            key = .ed25519(publicKey)
        case .sendGrid:
            guard let der = Data(base64Encoded: text),
                let publicKey = try? P256.Signing.PublicKey(derRepresentation: der)
            else {
                throw Unusable("this is not a verification key of SendGrid; write the base64 text from its settings")
            }
            key = .p256(publicKey)
        case .sns: throw Unusable("SNS has no secret; remove the entry")
        }
    }

    private static func standardKey(_ text: String) throws(Unusable) -> Key {
        if text.hasPrefix(standardPublicPrefix) {
            guard let bytes = base64(text.dropFirst(standardPublicPrefix.count)),
                let publicKey = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
            else {
                throw Unusable(
                    "what follows whpk_ is not a public key in base64; copy it again from the provider's page"
                )
            }
            return .ed25519(publicKey)
        }
        guard !text.hasPrefix("whsk_") else {
            throw Unusable("whsk_ is the key of the sender; write the public key, which begins with whpk_")
        }
        let encoded = text.hasPrefix(standardPrefix) ? text.dropFirst(standardPrefix.count) : text[...]
        guard let bytes = base64(encoded) else {
            throw Unusable("the secret is not base64 after whsec_; copy it again from the provider's page")
        }
        return .hmac(SymmetricKey(data: bytes))
    }

    /// Nil if it is empty or not base64. The padding may be missing.
    private static func base64(_ text: Substring) -> Data? {
        let digits = text.filter { $0 != "=" }
        let padding = String(repeating: "=", count: (4 - digits.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: digits + padding), !data.isEmpty else { return nil }
        return data
    }

    static func == (one: Self, other: Self) -> Bool {
        switch (one.key, other.key) {
        case (.hmac(let one), .hmac(let other)): one == other
        case (.token(let one), .token(let other)): ConstantTime.areEqual(one, other)
        case (.ed25519(let one), .ed25519(let other)): one.rawRepresentation == other.rawRepresentation
        case (.p256(let one), .p256(let other)): one.rawRepresentation == other.rawRepresentation
        default: false
        }
    }

    /// Equal secrets have equal hashes, and a hash says nothing about a secret.
    func hash(into hasher: inout Hasher) { hasher.combine(key.isHMAC) }

    var description: String { "a secret" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }

    struct Unusable: Error {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }
}

/// Hexadecimal digits.
enum HexText {
    /// Nil if there are other characters, or a digit is missing.
    static func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        var high: UInt8?
        for digit in text {
            guard let value = digit.hexValue else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
