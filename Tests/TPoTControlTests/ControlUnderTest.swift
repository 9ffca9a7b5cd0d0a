import NIOConcurrencyHelpers
import TPoTCapture
import TPoTInspect
import TPoTTraffic
import TPoTWire
import TestSupport

@testable import TPoTControl

/// A process that offers a store which the test fills, and notes what it is asked to do.
final class TestService: ControlService {
    let store = testStore()
    let bus = TrafficBus()
    private let asked = NIOLockedValueBox<[String]>([])

    var exchanges: ExchangeSource { ExchangeSource(store, nil, meaning: .inspection) }
    let words = ExchangeWriting(
        meaning: .inspection,
        json: { Array("{\"type\":\"exchange\",\"number\":\($0.number)}".utf8) },
        detail: { Array("{\"number\":\($0.number)}".utf8) },
        text: { Array("\($0.number)  \(HTTPText.text($0.exchange.target))".utf8) },
        head: { SecretMask().head($0) }
    )

    /// What was asked for, in order.
    var orders: [String] { asked.withLockedValue { $0 } }

    private func note(_ order: String) { asked.withLockedValue { $0.append(order) } }

    func status() -> ControlStatus {
        var status = ControlStatus()
        status.process = 412
        status.name = "shop"
        status.url = "https://shop.tpot.example.com"
        status.target = "localhost:8080"
        status.state = .online
        return status
    }

    func hold(_ filter: String?) throws(ControlRefusal) {
        guard filter != "bad" else { throw ControlRefusal(.badRequest, "filter: bad") }
        note("hold \(filter ?? "all")")
    }

    func release() { note("release") }
    func stop() { note("stop") }

    func replay(_ exchange: CapturedExchange) throws(ControlRefusal) {
        note("replay \(exchange.number)")
        var transcript = Transcript()
        transcript.conversation = 1000 + exchange.number
        transcript.add(.opened(.replay(of: exchange.number)))
        transcript.get("/again")
        transcript.answer()
        transcript.add(.closed(.targetClosed(complete: true)))
        store.consume(&transcript)
    }
}

/// A server of the interface on a port of the loopback.
final class ControlUnderTest: Sendable {
    let service = TestService()
    let port: Int
    private let server: ControlServer

    init(_ change: (inout ControlLimits) -> Void = { _ in }, token: String? = nil) async throws {
        var limits = ControlLimits()
        change(&limits)
        server = ControlServer(service, limits)
        port = try await server.listen(host: "127.0.0.1", port: 0, token: token)
    }

    var store: CaptureStore { service.store }
    /// No connection is open.
    var isIdle: Bool { server.connectionCount == 0 }

    func stop() async { await server.stop() }

    func connect() async throws -> RawPeer { try await RawPeer.connect(port: port) }

    /// Sends bytes, and returns all that comes until the connection ends.
    func answers(to bytes: String) async throws -> String {
        let peer = try await connect()
        peer.send(bytes)
        return try await peer.readToEnd().text
    }

    struct Answer {
        var status: Int
        var text: String

        var object: JSONObject { (try? JSONParser.object(text).object) ?? JSONObject() }
        var array: (String) -> [JSONValue] {
            { name in
                guard case .array(let values)? = self.object[name] else { return [] }
                return values
            }
        }
    }

    /// One request with its answer.
    func request(_ method: String, _ path: String, fields: String = "", body: String = "") async throws -> Answer {
        let type = method == "GET" || method == "HEAD" ? "" : "Content-Type: application/json\r\n"
        let text = try await answers(
            to: "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(type)\(fields)"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        let status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let head = text.firstRange(of: "\r\n\r\n")
        return Answer(status: status, text: head.map { String(text[$0.upperBound...]) } ?? text)
    }

    /// Fills the store with exchanges with these paths.
    func capture(_ paths: String..., status: Int = 200) {
        var transcript = Transcript()
        transcript.conversation = UInt64(store.totals().conversations) + 1
        for path in paths { transcript.exchange(path, status: status, answer: "answer") }
        store.consume(&transcript)
    }
}
