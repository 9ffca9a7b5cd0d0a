import NIOCore
import NIOHTTP1
import TPoTCapture
import TPoTInspect

/// What one visitor of the demo does: requests on one connection, one after the other, and how long it waits.
struct DemoVisit: Sendable {
    var requests: [DemoRequest]
    /// The visitor leaves this long after its last request, with or without the answer.
    var patience = TimeAmount.seconds(30)
    /// Messages after the upgrade to a WebSocket, one each three seconds; nil for a visitor that asks for no upgrade.
    var messages: [String]?

    init(_ requests: [DemoRequest]) {
        self.requests = requests
    }

    init(_ request: DemoRequest, patience: TimeAmount? = nil) {
        self.init([request])
        if let patience { self.patience = patience }
    }
}

/// One request of a visitor of the demo.
struct DemoRequest: Sendable {
    var method = HTTPMethod.GET
    var path: String
    /// Without `Host` and `Content-Length`.
    var fields: [(name: String, value: String)]
    var body: [UInt8] = []
    /// The body is sent in pieces of so many bytes, as over a slow line; nil sends it at once.
    var pieceLength: Int?
    /// How the provider signs; nil if nothing is signed.
    var signature: SignatureScheme?
    var secrets = DemoSecrets.shop

    init(get path: String, _ fields: [(name: String, value: String)]) {
        self.path = path
        self.fields = fields
    }

    init(post path: String, _ fields: [(name: String, value: String)], _ body: String) {
        self.init(get: path, fields)
        method = .POST
        self.body = Array(body.utf8)
    }

    /// - Parameters:
    ///   - host: of the public URL.
    ///   - address: of the visitor, as a proxy in front of the server would write it.
    func head(host: String, address: String) -> HTTPRequestHead {
        var headers: HTTPHeaders = ["Host": host]
        for field in fields { headers.add(name: field.name, value: field.value) }
        if method == .POST { headers.add(name: "Content-Length", value: "\(body.count)") }
        headers.add(name: "Forwarded", value: "for=\"\(address)\"")
        return HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: headers)
    }

    /// The request as it is sent at this time.
    func signed(at unixNanoseconds: Int64) -> DemoRequest {
        let lines = ["\(method) \(path) HTTP/1.1"] + fields.map { "\($0.name): \($0.value)" }
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
        guard let signature,
            let new = try? signature.sign(WebhookRequest(bytes: bytes), secrets: secrets, at: unixNanoseconds)
        else { return self }
        var request = self
        request.fields += new.fields.map { ($0.name, $0.value) }
        return request
    }

    /// The body as it is written: all of it, or its pieces.
    var pieces: [ArraySlice<UInt8>] {
        guard let pieceLength, pieceLength > 0 else { return body.isEmpty ? [] : [body[...]] }
        return stride(from: 0, to: body.count, by: pieceLength).map { body[$0..<min($0 + pieceLength, body.count)] }
    }
}

/// Identifiers that look like those of real senders and are the same in every run.
enum DemoIdentifier {
    private static let characters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

    static func text(_ prefix: String, _ number: Int, count: Int = 16) -> String {
        var mixer = mixer(number)
        return prefix + String((0..<count).map { _ in characters[Int(mixer.next() % UInt64(characters.count))] })
    }

    /// In the form of a UUID.
    static func uuid(_ number: Int) -> String {
        var mixer = mixer(number)
        let digits = Array("0123456789abcdef")
        return [8, 4, 4, 4, 12].map { count in
            String((0..<count).map { _ in digits[Int(mixer.next() % 16)] })
        }.joined(separator: "-")
    }

    private static func mixer(_ number: Int) -> Mixer { Mixer(state: UInt64(truncatingIfNeeded: number)) }

    /// SplitMix64: a few lines that need no seed from the system.
    private struct Mixer {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }
}
