import NIOCore
import NIOPosix

/// Calls the demo's public URL repeatedly, as webhook senders, browsers and monitors would.
final class DemoVisitors: Sendable {
    private static let pause = TimeAmount.seconds(1)

    private let serverPort: Int
    private let eventLoop: any EventLoop

    init(serverPort: Int, eventLoop: any EventLoop) {
        self.serverPort = serverPort
        self.eventLoop = eventLoop
    }

    /// - Parameter url: the tunnel's public URL. Visitors send its host as `Host`.
    func start(url: String) {
        let host = url.split(separator: "/").last.map(String.init) ?? url
        eventLoop.scheduleRepeatedTask(initialDelay: .milliseconds(300), delay: Self.pause) { [self] task in
            call(host)
        }
    }

    private func call(_ host: String) {
        let request = ByteBuffer(string: Self.requests.randomElement().map { $0(host) } ?? "")
        ClientBootstrap(group: eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DemoVisitorHandler(request: request))
                }
            }
            .connect(host: "127.0.0.1", port: serverPort)
            .whenFailure { _ in }
    }

    private static let requests: [@Sendable (String) -> String] = [
        { get("/", $0, agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0") },
        { get("/api/orders/\(Int.random(in: 1...99))", $0, agent: "okhttp/5.1") },
        { get("/events", $0, agent: "Mozilla/5.0 (iPhone) Safari/604.1") },
        { get("/slow", $0, agent: "monitor/1.0") },
        { get("/missing", $0, agent: "curl/8.5.0") },
        { get("/broken", $0, agent: "monitor/1.0") },
        {
            post(
                "/webhooks/stripe",
                $0,
                agent: "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
                #"{"id":"evt_\#(Int.random(in: 1000...9999))","type":"invoice.paid","data":{"amount":1999,"currency":"eur"}}"#
            )
        },
        {
            post(
                "/webhooks/github",
                $0,
                agent: "GitHub-Hookshot/044aadd",
                #"{"action":"opened","number":\#(Int.random(in: 1...500)),"repository":{"full_name":"tea/pot"}}"#
            )
        },
    ]

    private static func get(_ path: String, _ host: String, agent: String) -> String {
        "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: \(agent)\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    }

    private static func post(_ path: String, _ host: String, agent: String, _ body: String) -> String {
        "POST \(path) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: \(agent)\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
    }
}

/// Sends one request and reads until the answer ends.
private final class DemoVisitorHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: ByteBuffer

    init(request: ByteBuffer) {
        self.request = request
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
