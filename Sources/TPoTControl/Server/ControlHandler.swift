import NIOCore
import NIOHTTP1

/// One connection of another program: collects a request, has it answered, and writes the answer. Then comes the next.
final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case waits
        case receives(ControlRequestHead, [UInt8])
        case answers(isLast: Bool)
        case streams(EventQueue)
        /// Nothing more is read.
        case ends
    }

    private let access: ControlAccess
    private let limits: ControlLimits
    private let answer: @Sendable (ControlRequest, any EventLoop) -> EventLoopFuture<ControlAnswer>
    private var state = State.waits
    private var isHead = false
    /// Ends the connection when the other side takes too long.
    private var timer: Scheduled<Void>?
    private var heartbeat: Scheduled<Void>?
    /// When the stream last got on.
    private var wrote = NIODeadline.now()

    init(
        _ access: ControlAccess,
        _ limits: ControlLimits,
        _ answer: @escaping @Sendable (ControlRequest, any EventLoop) -> EventLoopFuture<ControlAnswer>
    ) {
        self.access = access
        self.limits = limits
        self.answer = answer
    }

    // MARK: The channel

    func channelActive(context: ChannelHandlerContext) {
        startTimer(limits.requestTime, context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
        switch state {
        case .waits, .receives:
            let isTooLong = error == .headerOverflow
            refuse(
                isTooLong
                    ? ControlRefusal(.requestHeaderFieldsTooLarge, "the head is longer than \(limits.head) bytes")
                    : ControlRefusal(.badRequest, "this is not a request of HTTP/1.1"),
                context
            )
        case .answers, .streams: context.close(promise: nil)
        case .ends: break
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .waits): begin(head, context)
        case (.body(let bytes), .receives(let head, var body)):
            guard body.count + bytes.readableBytes <= limits.body else {
                return refuse(ControlRefusal(.payloadTooLarge, "the body is longer than \(limits.body) bytes"), context)
            }
            state = .waits
            body += bytes.readableBytesView
            state = .receives(head, body)
        case (.end, .receives(let head, let body)): finish(ControlRequest(head, body: body), head, context)
        default: break
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .streams(let queue) = state { drain(queue, context) }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            if case .answers = state { state = .answers(isLast: true) } else { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: A request

    private func begin(_ head: ControlRequestHead, _ context: ChannelHandlerContext) {
        isHead = head.method == .HEAD
        let bytes = head.uri.utf8.count + head.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        guard bytes <= limits.head else {
            let text = "the head is longer than \(limits.head) bytes"
            return refuse(ControlRefusal(.requestHeaderFieldsTooLarge, text), context)
        }
        do throws(ControlRefusal) {
            try access.check(head)
            state = .receives(head, [])
            startTimer(limits.requestTime, context)
        } catch {
            refuse(error, context)
        }
    }

    private func finish(_ request: ControlRequest, _ head: ControlRequestHead, _ context: ChannelHandlerContext) {
        timer?.cancel()
        // Who sends requests without reading the answers gets no more of them.
        state = .answers(isLast: !head.isKeepAlive || !context.channel.isWritable)
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        answer(request, context.eventLoop).hop(to: context.eventLoop).whenComplete { result in
            let (handler, context) = bound.value
            guard case .answers(let isLast) = handler.state, context.channel.isActive else {
                if case .success(.events(let queue)) = result { queue.close() }
                return
            }
            switch result {
            case .success(.whole(let status, let type, let bytes)):
                handler.write(status, type, bytes, isLast: isLast, context)
            case .success(.events(let queue)): handler.stream(queue, context)
            case .failure(let error):
                let refusal = error as? ControlRefusal ?? ControlRefusal(.internalServerError, "\(error)")
                handler.write(refusal, isLast: isLast, context)
            }
        }
    }

    // MARK: Answers

    /// Answers a request that is not read to its end.
    private func refuse(_ refusal: ControlRefusal, _ context: ChannelHandlerContext) {
        state = .ends
        timer?.cancel()
        write(refusal, isLast: true, context)
    }

    private func write(_ refusal: ControlRefusal, isLast: Bool, _ context: ChannelHandlerContext) {
        guard case .whole(let status, let type, let bytes) = ControlAnswer(refusal) else { return }
        var fields = HTTPHeaders()
        if !refusal.allowed.isEmpty {
            fields.add(name: "Allow", value: refusal.allowed.map(\.rawValue).joined(separator: ", "))
        }
        if status == .unauthorized { fields.add(name: "WWW-Authenticate", value: "Bearer") }
        write(status, type, bytes, fields, isLast: isLast, context)
    }

    private func write(
        _ status: HTTPResponseStatus,
        _ type: ControlAnswer.ContentType,
        _ bytes: [UInt8],
        _ fields: HTTPHeaders = HTTPHeaders(),
        isLast: Bool,
        _ context: ChannelHandlerContext
    ) {
        var fields = fields
        if status != .noContent {
            fields.add(name: "Content-Type", value: type.rawValue)
            fields.add(name: "Content-Length", value: String(bytes.count))
        }
        fields.add(name: "Cache-Control", value: "no-store")
        fields.add(name: "X-Content-Type-Options", value: "nosniff")
        if isLast { fields.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !bytes.isEmpty, !isHead {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
        }
        startTimer(limits.answerTime, context)
        // Before the end is written: the next request may have come, and follows at once.
        state = isLast ? .ends : .waits
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            let (handler, context) = bound.value
            if isLast {
                // What still comes is read and dropped for a moment: a socket that is closed over unread bytes resets
                // the connection, and the answer is lost.
                context.close(mode: .output, promise: nil)
                handler.startTimer(.seconds(1), context)
            } else if case .waits = handler.state {
                handler.startTimer(handler.limits.requestTime, context)
            }
        }
    }

    private func startTimer(_ limit: TimeAmount, _ context: ChannelHandlerContext) {
        timer?.cancel()
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        timer = context.value.eventLoop.scheduleTask(in: limit) { context.value.close(promise: nil) }
    }

    private func end() {
        timer?.cancel()
        heartbeat?.cancel()
        if case .streams(let queue) = state { queue.close() }
        state = .ends
    }

    // MARK: A stream of events

    private func stream(_ queue: EventQueue, _ context: ChannelHandlerContext) {
        state = .streams(queue)
        wrote = .now()
        let fields: HTTPHeaders = [
            "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
        ]
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: fields))),
            promise: nil
        )
        writeEvents(ByteBuffer(string: ": tpot tells of each exchange that ends\n\n"), context)
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        queue.onEvents {
            eventLoop.execute {
                let (handler, context) = bound.value
                handler.drain(queue, context)
            }
        }
        drain(queue, context)
        beat(queue, context)
    }

    private func drain(_ queue: EventQueue, _ context: ChannelHandlerContext) {
        guard case .streams = state else { return }
        while context.channel.isWritable, let bytes = queue.take() {
            wrote = .now()
            writeEvents(bytes, context)
        }
    }

    private func writeEvents(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
    }

    private func beat(_ queue: EventQueue, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        heartbeat = context.eventLoop.scheduleTask(in: limits.heartbeat) {
            let (handler, context) = bound.value
            guard case .streams = handler.state else { return }
            if context.channel.isWritable {
                handler.wrote = .now()
                handler.writeEvents(ByteBuffer(string: ": tpot\n\n"), context)
            } else if NIODeadline.now() - handler.wrote > handler.limits.answerTime {
                // Nobody reads it.
                return context.close(promise: nil)
            }
            handler.beat(queue, context)
        }
    }
}
