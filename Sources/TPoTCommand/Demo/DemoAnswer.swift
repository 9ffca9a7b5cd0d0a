import NIOCore
import NIOHTTP1
import TPoTCapture
import TPoTInspect

/// A request that the demo's shop has received.
struct DemoShopRequest: Sendable {
    var method: HTTPMethod
    /// Without the query.
    var path: String
    var headers: HTTPHeaders = [:]
    /// At most ``bodyLimit`` bytes of it.
    var body: [UInt8] = []
    /// All of it.
    var bodyCount = 0

    static let bodyLimit = 1024 * 1024

    var text: String { String(decoding: body, as: UTF8.self) }

    /// It has a signature, and that is not made with the shop's secret. The shop does not look at its time.
    func isForged(_ scheme: SignatureScheme) -> Bool {
        let fields = headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        let webhook = WebhookRequest(head: Array("\(method) \(path) HTTP/1.1\r\n\(fields)\r\n".utf8), body: body)
        return scheme.verify(webhook, secrets: DemoSecrets.shop, at: 0) == .mismatch
    }
}

/// An answer of the demo's shop, and when its parts are sent.
struct DemoAnswer: Sendable {
    struct Part: Sendable {
        /// After the part before it.
        var delay: TimeAmount
        var bytes: [UInt8]
    }

    var status: HTTPResponseStatus
    var headers: HTTPHeaders
    /// Before the head is sent.
    var delay: TimeAmount
    var parts: [Part]
    /// The connection ends after the last part, although more was promised.
    var isCut = false

    init(
        _ type: String,
        _ text: String,
        status: HTTPResponseStatus = .ok,
        after delay: TimeAmount = .milliseconds(1)
    ) {
        let bytes = Array(text.utf8)
        self.status = status
        self.delay = delay
        headers = ["Content-Type": type, "Content-Length": "\(bytes.count)"]
        parts = bytes.isEmpty ? [] : [Part(delay: .zero, bytes: bytes)]
    }

    static func json(
        _ text: String,
        _ status: HTTPResponseStatus = .ok,
        after delay: TimeAmount = .milliseconds(1)
    ) -> DemoAnswer {
        DemoAnswer("application/json", text + "\n", status: status, after: delay)
    }

    /// Parts that are sent one by one.
    /// - Parameter length: the Content-Length; nil for a body in chunks.
    static func stream(_ type: String, length: Int? = nil, _ parts: [Part]) -> DemoAnswer {
        var answer = DemoAnswer(type, "")
        answer.headers.remove(name: "Content-Length")
        if let length { answer.headers.add(name: "Content-Length", value: "\(length)") }
        answer.parts = parts
        return answer
    }
}
