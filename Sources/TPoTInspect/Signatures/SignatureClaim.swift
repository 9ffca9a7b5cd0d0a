import Crypto
import TPoTCapture
import TPoTWire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a request says about its signature: the proofs, what they are over, and when they were made.
struct SignatureClaim {
    struct Proof {
        var kind: Kind
        var bytes: [UInt8]
    }

    enum Kind {
        case hmacSHA256, hmacSHA1, token, ed25519, p256
    }

    /// The signed bytes: a beginning, and the body if it is signed.
    struct Message {
        var prefix: [UInt8]
        var body: [UInt8] = []

        init(_ prefix: String, _ body: [UInt8] = []) {
            self.prefix = Array(prefix.utf8)
            self.body = body
        }

        init(bytes: [UInt8]) { prefix = bytes }
    }

    /// How far a signature's time may be off, in seconds. Nil where the provider's library does not look.
    struct Tolerance {
        var past: Int64
        var future: Int64?

        static let fiveMinutes = Tolerance(past: 300, future: 300)
    }

    /// The most proofs of a request. More are ignored; a provider sends one for each secret that is in use.
    static let proofLimit = 16

    var proofs: [Proof]
    /// Any of them may be the signed one.
    var messages: [Message]
    /// When it was signed, in Unix time.
    var milliseconds: Int64?
    var tolerance: Tolerance?

    init(
        _ proofs: [Proof],
        over messages: [Message],
        milliseconds: Int64? = nil,
        tolerance: Tolerance? = nil
    ) {
        self.proofs = Array(proofs.prefix(Self.proofLimit))
        self.messages = messages
        self.milliseconds = milliseconds
        self.tolerance = tolerance
    }

    // MARK: Checking

    struct Match {
        var key: WebhookSecret.Key
        var message: Int
    }

    /// The first key that made one of the proofs.
    func match(_ keys: [WebhookSecret.Key]) -> Match? {
        for key in keys {
            for (index, message) in messages.enumerated() where isProof(of: message, by: key) {
                return Match(key: key, message: index)
            }
        }
        return nil
    }

    /// Whether a key is of a kind that could have made one of the proofs.
    func canCheck(_ key: WebhookSecret.Key) -> Bool {
        proofs.contains { proof in
            switch (proof.kind, key) {
            case (.hmacSHA256, .hmac), (.hmacSHA1, .hmac), (.token, .token), (.ed25519, .ed25519), (.p256, .p256): true
            default: false
            }
        }
    }

    private func isProof(of message: Message, by key: WebhookSecret.Key) -> Bool {
        switch key {
        case .hmac(let key):
            return isProof(of: message, .hmacSHA256, by: key) || isProof(of: message, .hmacSHA1, by: key)
        case .token(let token): return has(.token) { ConstantTime.areEqual($0, token) }
        case .ed25519(let key):
            return has(.ed25519) { key.isValidSignature($0, for: message.prefix + message.body) }
        case .p256(let key):
            return has(.p256) { proof in
                guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: proof) else { return false }
                return key.isValidSignature(signature, for: message.prefix + message.body)
            }
        }
    }

    private func isProof(of message: Message, _ kind: Kind, by key: SymmetricKey) -> Bool {
        guard proofs.contains(where: { $0.kind == kind }) else { return false }
        // The body is hashed once, however many proofs there are.
        let code = Self.hmac(kind, message, key)
        return has(kind) { ConstantTime.areEqual($0, code) }
    }

    private func has(_ kind: Kind, _ isRight: ([UInt8]) -> Bool) -> Bool {
        proofs.contains { $0.kind == kind && isRight($0.bytes) }
    }

    static func hmac(_ kind: Kind, _ message: Message, _ key: SymmetricKey) -> [UInt8] {
        kind == .hmacSHA1 ? hmac(Insecure.SHA1.self, message, key) : hmac(SHA256.self, message, key)
    }

    private static func hmac<Hash: HashFunction>(_: Hash.Type, _ message: Message, _ key: SymmetricKey) -> [UInt8] {
        var code = HMAC<Hash>(key: key)
        code.update(data: message.prefix)
        code.update(data: message.body)
        return Array(code.finalize())
    }

    /// Whether the time of the signature is near enough.
    func verdict(at unixNanoseconds: Int64) -> SignatureVerdict {
        guard let milliseconds, let tolerance else { return .valid }
        let age = unixNanoseconds / 1_000_000 - milliseconds
        if age > tolerance.past * 1000 { return .tooOld(seconds: age / 1000, allowed: tolerance.past) }
        if let future = tolerance.future, -age > future * 1000 {
            return .inFuture(seconds: -age / 1000, allowed: future)
        }
        return .valid
    }
}

/// Reads the parts of signature headers.
enum SignatureText {
    /// The proof in hexadecimal digits of `count` bytes; nil if the text is something else.
    static func hex(_ kind: SignatureClaim.Kind, _ text: some Collection<UInt8>, bytes count: Int) -> SignatureClaim
        .Proof?
    {
        guard text.count == 2 * count, let bytes = HexText.bytes(text) else { return nil }
        return SignatureClaim.Proof(kind: kind, bytes: bytes)
    }

    /// The proof in base64; nil if the text is something else.
    static func base64(_ kind: SignatureClaim.Kind, _ text: some Collection<UInt8>) -> SignatureClaim.Proof? {
        guard let data = Data(base64Encoded: Data(text)), !data.isEmpty else { return nil }
        return SignatureClaim.Proof(kind: kind, bytes: Array(data))
    }

    static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// A Unix time in decimal digits, of at most 18.
    static func number(_ text: some Collection<UInt8>) -> Int64? {
        guard (1...18).contains(text.count), text.allSatisfy(\.isASCIIDigit) else { return nil }
        return text.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// A Unix time in seconds, as text and in milliseconds.
    static func seconds(_ text: some Collection<UInt8>) -> (text: String, milliseconds: Int64)? {
        // A time after the year 300,000 is none.
        guard let number = number(text), number < 10_000_000_000_000 else { return nil }
        return (String(decoding: text, as: UTF8.self), number * 1000)
    }

    /// `t=1,v1=a,v1=b` as names and values.
    static func pairs(_ text: [UInt8], separator: Character) -> [(name: String, value: ArraySlice<UInt8>)] {
        // Only as many are read as can hold the proofs that count.
        let items = text.split(separator: separator.asciiValue ?? 0, maxSplits: 4 * SignatureClaim.proofLimit)
        return items.prefix(4 * SignatureClaim.proofLimit).map { item in
            let item = item.drop { $0 == 0x20 }
            let name = item.prefix { $0 != UInt8(ascii: "=") }
            return (String(decoding: name, as: UTF8.self), item.dropFirst(name.count + 1))
        }
    }
}
