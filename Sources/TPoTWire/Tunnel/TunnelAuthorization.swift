import Crypto
import CryptoExtras

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The `Authorization: TPoT-1` header: proof of a shared key, bound to a nonce and a time.
///
///     salt   = lowercase hex of MD5(nonce LF milliseconds), as ASCII text
///     token  = base64(PBKDF2-HMAC-SHA256(key, salt, 32768 rounds, 128 bytes))
///     header = "TPoT-1 " + base64(nonce LF milliseconds LF token)
package struct TunnelAuthorization: Hashable, Sendable {
    /// Base64 text of random bytes, usually 32. The salt is made from the text; replays are recognised by the decoded
    /// bytes.
    package var nonce: String
    /// Unix time in milliseconds, as the client wrote it.
    package var timestamp: String
    /// Base64 text of the 128 derived bytes.
    package var token: String

    static let scheme = "TPoT-1 "
    static let rounds = 32768
    static let tokenLength = 128
    /// PBKDF2 derives a token in blocks of this length. Each block costs the same and does not depend on the others.
    static let blockLength = 32
    /// Much more than any client's header needs. Longer headers are refused unread.
    static let maximumHeaderLength = 1024

    /// The shortest key that a server accepts, in characters, as in the original.
    package static let minimumKeyLength = 32

    /// How far a client's clock may be off, in milliseconds, either way.
    package static let acceptedClockDrift: Int64 = 60_000

    /// Makes a header. Deriving the token takes tens of milliseconds, so never do it on an event loop.
    package init(key: String, milliseconds: Int64, nonce: [UInt8]) throws {
        self.nonce = Data(nonce).base64EncodedString()
        self.timestamp = String(milliseconds)
        let derived = try Self.derive(Self.tokenLength, key: key, nonce: self.nonce, timestamp: timestamp)
        self.token = Data(derived).base64EncodedString()
    }

    /// Reads the value of an Authorization header.
    package init?(header: String) {
        guard header.utf8.count <= Self.maximumHeaderLength, header.hasPrefix(Self.scheme),
            let decoded = Data(base64Encoded: String(header.dropFirst(Self.scheme.count))),
            let text = String(validating: decoded, as: UTF8.self)
        else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[2].isEmpty,
            (1...16).contains(parts[1].count),
            parts[1].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        nonce = String(Substring(parts[0]))
        timestamp = String(Substring(parts[1]))
        token = String(Substring(parts[2]))
    }

    /// Unix time in milliseconds.
    package var milliseconds: Int64 { Int64(timestamp) ?? 0 }

    /// Equal for two headers that carry the same proof, even if the nonce is spelled differently in base64.
    package var replayKey: [UInt8] {
        (Data(base64Encoded: nonce, options: .ignoreUnknownCharacters).map(Array.init) ?? Array(nonce.utf8))
            + [UInt8(ascii: "\n")] + Array(String(milliseconds).utf8)
    }

    /// The whole header value.
    package var headerValue: String {
        Self.scheme + Data("\(nonce)\n\(timestamp)\n\(token)".utf8).base64EncodedString()
    }

    /// Whether the token was made with this key, compared in constant time.
    ///
    /// Derives only the first of the token's four blocks. Its 256 bits cannot be found without the key, and the other
    /// blocks would cost three times as much again. It takes about ten milliseconds, so never do it on an event loop.
    package func isMade(withKey key: String) throws -> Bool {
        guard let given = Data(base64Encoded: token), given.count == Self.tokenLength else { return false }
        let expected = try Self.derive(Self.blockLength, key: key, nonce: nonce, timestamp: timestamp)
        return ConstantTime.areEqual(given.prefix(Self.blockLength), expected)
    }

    /// The first `length` bytes of the token.
    private static func derive(_ length: Int, key: String, nonce: String, timestamp: String) throws -> [UInt8] {
        let digest = Insecure.MD5.hash(data: Data("\(nonce)\n\(timestamp)".utf8))
        let hex = Array("0123456789abcdef".utf8)
        let salt = digest.flatMap { [hex[Int($0 >> 4)], hex[Int($0 & 15)]] }
        // The protocol prescribes 32,768 rounds, fewer than the checked overload accepts.
        let derived = try KDF.Insecure.PBKDF2.deriveKey(
            from: Data(key.utf8),
            salt: Data(salt),
            using: .sha256,
            outputByteCount: length,
            unsafeUncheckedRounds: rounds
        )
        return derived.withUnsafeBytes { Array($0) }
    }
}
