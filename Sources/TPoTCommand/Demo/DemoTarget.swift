import NIOCore
import NIOHTTP1
import NIOPosix

/// The demo's web server: a few paths that answer in different ways.
enum DemoTarget {
    /// Listens on a free loopback port and returns that port.
    static func start(on eventLoop: any EventLoop) async throws -> Int {
        let channel = try await ServerBootstrap(group: eventLoop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(DemoTargetHandler())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return channel.localAddress?.port ?? 0
    }
}

private final class DemoTargetHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let page = """
        <!doctype html><meta charset="utf-8"><title>tpot demo</title>
        <h1>It works</h1><p>This page came through the tunnel. Try <a href="/api/orders/7">/api/orders/7</a> or \
        <a href="/events">/events</a>.</p>

        """

    private var head: HTTPRequestHead?
    private var bodyBytes = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            bodyBytes = 0
        case .body(let bytes):
            bodyBytes += bytes.readableBytes
        case .end:
            guard let head else { return }
            self.head = nil
            answer(head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let path = head.uri.prefix { $0 != "?" }
        switch (head.method, path) {
        case (.GET, "/"), (.HEAD, "/"):
            reply(.ok, "text/html; charset=utf-8", Self.page, head, context)
        case (.POST, "/webhooks/stripe"), (.POST, "/webhooks/github"):
            reply(.ok, "application/json", #"{"received":true,"bytes":\#(bodyBytes)}"# + "\n", head, context)
        case (.GET, "/events"):
            stream(head, context)
        case (.GET, "/slow"):
            let later = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: .milliseconds(700)) {
                let (handler, context) = later.value
                handler.reply(.ok, "text/plain", "at last\n", head, context)
            }
        case (.GET, _) where path.hasPrefix("/api/orders/"):
            let order = #"{"order":"\#(path.dropFirst(12))","items":[{"name":"teapot","count":1}],"paid":false}"#
            reply(.ok, "application/json", order + "\n", head, context)
        case (_, "/broken"):
            reply(.internalServerError, "text/plain", "this path always fails\n", head, context)
        default:
            reply(.notFound, "text/plain", "no such path\n", head, context)
        }
    }

    private func reply(
        _ status: HTTPResponseStatus,
        _ type: String,
        _ body: String,
        _ request: HTTPRequestHead,
        _ context: ChannelHandlerContext
    ) {
        guard context.channel.isActive else { return }
        var headers: HTTPHeaders = ["Content-Type": type, "Content-Length": "\(body.utf8.count)"]
        if !request.isKeepAlive { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        }
        end(request, context)
    }

    /// Five server-sent events, one every 300 ms.
    private func stream(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Type": "text/event-stream"])
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        sendEvent(1, request, context)
    }

    private func sendEvent(_ number: Int, _ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        guard number <= 5 else {
            end(request, context)
            return
        }
        let event = ByteBuffer(string: "id: \(number)\ndata: {\"tick\":\(number)}\n\n")
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(event))), promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(300)) {
            self.sendEvent(number + 1, request, context)
        }
    }

    private func end(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        guard !request.isKeepAlive else { return }
        let channel = context.channel
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
    }
}
