import Crypto
import TPoTCapture
import TPoTWire

/// A signature of Twilio: base64 of HMAC-SHA1 over the public URL, followed by the names and values of the form in order.
/// See twilio.com/docs/usage/security.
///
/// A body that is not a form is signed by its hash in the URL: `?bodySHA256=…`.
struct TwilioSignature {
    static let name = "X-Twilio-Signature"
    private static let hashName = Array("bodySHA256=".utf8)

    let request: WebhookRequest

    init(_ request: WebhookRequest) { self.request = request }

    func claim() throws(SignatureFault) -> SignatureClaim {
        let proof = try SignatureScheme.base64Proof(request, Self.name, .hmacSHA1)
        let body = try request.body()
        if let hash = hashRange.map({ target[$0] }), !request.isForm {
            // The hash is not secret: whoever can change the body can read it in the URL.
            guard Array(hash) == Self.hash(of: body) else {
                // An empty message list matches nothing.
                return SignatureClaim([proof], over: [])
            }
        }
        return SignatureClaim([proof], over: try messages())
    }

    // MARK: What is signed

    /// One for each URL that may be the public one.
    private func messages() throws(SignatureFault) -> [SignatureClaim.Message] {
        let bases = bases
        guard !bases.isEmpty else { throw SignatureFault(.cannotTell(.unknownURL)) }
        let rest = target + (try form())
        return bases.map { SignatureClaim.Message(bytes: Array($0.utf8) + rest) }
    }

    /// - Parameters:
    ///   - base: the public URL without a path.
    ///   - target: path and query.
    func message(base: String, target: [UInt8]) throws(SignatureFault) -> SignatureClaim.Message {
        SignatureClaim.Message(bytes: Array(base.utf8) + target + (try form()))
    }

    /// Names in order, each followed by its values in order, each once.
    private func form() throws(SignatureFault) -> [UInt8] {
        guard request.isForm else { return [] }
        let (pairs, isCut) = FormTable.pairs(try request.body())
        guard !isCut else { throw SignatureFault(.malformed("the form")) }
        var fields = pairs.filter { !$0.isEmpty }.map(FormTable.decoded(pair:))
        fields.sort { left, right in
            left.name == right.name
                ? left.value.lexicographicallyPrecedes(right.value) : left.name.lexicographicallyPrecedes(right.name)
        }
        var result: [UInt8] = []
        var last: (name: [UInt8], value: [UInt8])?
        for field in fields {
            if let last, last == field { continue }
            result += field.name + field.value
            last = field
        }
        return result
    }

    /// The URLs that may be the public one, without paths. Twilio signs some with the port and some without.
    var bases: [String] {
        var urls: [String] = []
        if let url = request.publicURL { urls.append(url) }
        if let host = try? request.value("Host") {
            let host = String(decoding: host, as: UTF8.self)
            urls += ["https://\(host)", "http://\(host)"]
        }
        var bases: [String] = []
        for base in urls.flatMap(Self.portVariants) where !bases.contains(base) { bases.append(base) }
        return bases
    }

    /// The URL without its port, and with it.
    static func portVariants(_ url: String) -> [String] {
        var base = url[...]
        while base.last == "/" { base.removeLast() }
        let isPlain = base.hasPrefix("http://")
        guard let scheme = base.firstRange(of: "://") else { return [] }
        let authority = base[scheme.upperBound...]
        if let colon = authority.lastIndex(of: ":"),
            case let digits = authority[authority.index(after: colon)...], !digits.isEmpty,
            digits.allSatisfy(\.isNumber)
        {
            return [String(base[..<colon]), String(base)]
        }
        return [String(base), "\(base):\(isPlain ? 80 : 443)"]
    }

    /// Path and query.
    var target: [UInt8] {
        let target = request.target
        guard target.first != UInt8(ascii: "/") else { return target }
        // `http://host/path`
        let slash = UInt8(ascii: "/")
        guard let first = target.firstIndex(of: slash), target[(first + 1)...].first == slash else { return target }
        return target[(first + 2)...].firstIndex(of: slash).map { Array(target[$0...]) } ?? []
    }

    // MARK: The hash of the body

    private static func hash(of body: [UInt8]) -> [UInt8] { Array(HexText.text(SHA256.hash(data: body)).utf8) }

    /// Where the hash stands in ``target``.
    private var hashRange: Range<Int>? {
        let target = target
        guard var start = target.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        while start < target.endIndex {
            let begin = start + 1
            let end = target[begin...].firstIndex(of: UInt8(ascii: "&")) ?? target.endIndex
            if target[begin..<end].starts(with: Self.hashName) { return begin + Self.hashName.count..<end }
            start = end
        }
        return nil
    }

    /// The request-target with the hash of this body; nil if it is right already, or there is none.
    func correctedTarget() throws(SignatureFault) -> [UInt8]? {
        guard !request.isForm, let range = hashRange else { return nil }
        let hash = Self.hash(of: try request.body())
        var corrected = target
        guard Array(corrected[range]) != hash else { return nil }
        corrected.replaceSubrange(range, with: hash)
        return corrected
    }
}
