import NIOCore
import NIOHTTP1
import NIOSSL
import TPoTNetwork
import TPoTWire

/// Single HTTP requests beside the tunnel, each on its own connection. Redirects are not followed.
struct HTTPCaller: Sendable {
    struct Answer: Sendable {
        var status: Int
        var body: ByteBuffer
        /// Where a redirect leads; empty for other answers.
        var location: String
    }

    /// The longest body of an answer, in bytes; longer ones are refused.
    static let bodyLimit = 64 * 1024
    /// From the first packet to the end of the answer.
    static let timeout = TimeAmount.seconds(20)

    /// The longest time for a whole call: connection, proxy, answer.
    static let longestCall = ConnectionOpener.connectTimeout + ConnectionOpener.proxyTimeout + timeout

    private let tls: NIOSSLContext
    private let eventLoop: any EventLoop

    /// Reads certificate files: do not call it on an event loop.
    init(_ trust: CertificateTrust, eventLoop: any EventLoop) throws(TrustFailure) {
        tls = try trust.makeContext()
        self.eventLoop = eventLoop
    }

    /// - Parameters:
    ///   - target: path and query.
    ///   - form: sent with POST as `application/x-www-form-urlencoded`; nil for a GET.
    ///   - peer: names the server to the user.
    func call(
        _ server: ServerAddress,
        _ target: String,
        as peer: ConnectionPeer,
        form: String? = nil,
        proxy: HTTPProxy?
    ) async throws(ConnectionFailure) -> Answer {
        var headers = HTTPHeaders([
            ("Host", server.hostHeader), ("Accept", "application/json"), ("Connection", "close"),
        ])
        if let form {
            headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            headers.add(name: "Content-Length", value: String(form.utf8.count))
        }
        let head = NIOHTTP1.HTTPRequestHead(
            version: .http1_1,
            method: form == nil ? .GET : .POST,
            uri: target,
            headers: headers
        )
        let opener = ConnectionOpener(
            server: server,
            peer: peer,
            proxy: proxy,
            tls: server.isTLS ? tls : nil,
            eventLoop: eventLoop
        )
        let body = form.map { ByteBuffer(string: $0) }
        do {
            return try await opener.open().flatMap { channel in exchange(head, body, on: channel) }.get()
        } catch {
            throw ConnectionFailure(error, peer: peer)
        }
    }

    private func exchange(
        _ head: NIOHTTP1.HTTPRequestHead,
        _ body: ByteBuffer?,
        on channel: any Channel
    ) -> EventLoopFuture<Answer> {
        let answered = eventLoop.makePromise(of: Answer.self)
        do {
            let operations = channel.pipeline.syncOperations
            try operations.addHTTPClientHandlers()
            try operations.addHandlers(
                NIOHTTPClientResponseAggregator(maxContentLength: Self.bodyLimit),
                HTTPCallHandler(head, body, answered)
            )
        } catch {
            answered.fail(error)
        }
        return answered.futureResult.always { _ in channel.close(promise: nil) }
    }
}
