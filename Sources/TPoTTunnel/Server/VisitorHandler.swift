import NIOCore

/// The visitor's end of the pipeline. It passes everything to its ``VisitorConversation``, which has the rules, and it
/// times requests that have stalled. Lives on the server's event loop.
final class VisitorHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The first head has to be complete within this time after the connection opens.
    static let headTimeout = TimeAmount.seconds(60)
    /// A request is given up if none of its bytes arrives for this long, unless the visitor is made to wait.
    static let requestIdleLimit = TimeAmount.minutes(5)

    let conversation: VisitorConversation
    /// Bytes that the visitor's socket has not accepted.
    let writer = LocalWriter()
    /// The number of all bytes given to ``writer``.
    private(set) var written: UInt64 = 0

    private var context: ChannelHandlerContext?
    /// The channel asked for a read that has to wait.
    private var isReadWanted = false
    private var headTimer: Scheduled<Void>?
    private var requestTimer: Scheduled<Void>?
    /// The time of the latest byte of an incomplete request, or of the moment when the visitor was last allowed to
    /// continue.
    private var lastRequestByte = NIODeadline.uptimeNanoseconds(0)

    init(server: ServerCore) {
        conversation = VisitorConversation(server: server)
    }

    /// For the log.
    var remoteAddress: SocketAddress? { context?.channel.remoteAddress }

    // MARK: Writing

    /// Queues bytes for the next ``flush(portion:)``.
    func write(_ bytes: ByteBuffer) {
        written += UInt64(bytes.readableBytes)
        writer.add(bytes)
    }

    func flush(portion: Int) {
        guard let context else { return }
        if writer.flush(context, portion: portion) {
            writer.whenCaughtUp(context) {
                self.writer.caughtUp()
                // This flushes again if more bytes wait.
                self.conversation.visitorCaughtUp()
            }
        }
    }

    /// Bytes of ``written`` that the visitor's side has not acknowledged; nil if the connection is closed or the system
    /// does not provide the number.
    var unacknowledgedBytes: Int? {
        guard let channel = context?.channel, channel.isActive, let inKernel = channel.unacknowledgedBytes else {
            return nil
        }
        let inChannel = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        return writer.queuedBytes + inChannel + inKernel
    }

    // MARK: Closing

    /// Closes the sending half, after everything that was written.
    func halfClose() {
        guard let context else { return }
        writer.writeAll(context)
        context.flush()
        context.close(mode: .output, promise: nil)
    }

    func close() { context?.close(promise: nil) }

    /// Resets the connection now and drops the bytes that the visitor has not received.
    func abort() {
        writer.dropAll()
        guard let context else { return }
        LingeringClose.abort(context.channel)
    }

    /// Gives everything that was written to the channel, for a close that lets the visitor receive it; see
    /// ``LingeringClose``.
    func closeLingering(_ visitor: LingeringClose.Visitor, settle: @escaping (Bool) -> Bool) -> LingeringClose? {
        guard let context else { return nil }
        writer.writeAll(context)
        return LingeringClose(context, visitor, settle: settle)
    }

    /// Gives this connection to NIO's HTTP server, from these bytes on.
    func handOver(to server: ServerCore, _ bytes: ByteBuffer) {
        guard let context else { return }
        writer.writeAll(context)
        server.serveEndpoints(on: context, replacing: self, bytes)
    }

    // MARK: Reading

    func read(context: ChannelHandlerContext) {
        isReadWanted = !conversation.claimRead()
        if !isReadWanted { context.read() }
    }

    /// Reads the socket if a read was asked for before and is allowed now.
    func resumeReading() {
        guard isReadWanted, let context, conversation.claimRead() else { return }
        isReadWanted = false
        lastRequestByte = context.eventLoop.now
        context.read()
    }

    // MARK: Stalled requests

    /// Notes that a byte of an incomplete request has come.
    func watchRequest() {
        guard let context else { return }
        lastRequestByte = context.eventLoop.now
        if requestTimer == nil { scheduleRequestCheck(context) }
    }

    private func scheduleRequestCheck(_ context: ChannelHandlerContext) {
        let deadline = lastRequestByte + Self.requestIdleLimit
        requestTimer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.checkRequest() }
    }

    private func checkRequest() {
        requestTimer = nil
        guard let context, conversation.isRequestIncomplete else { return }
        let now = context.eventLoop.now
        // The visitor's time limit does not run while it is made to wait.
        if isReadWanted || !conversation.isVisitorToSend { lastRequestByte = now }
        if now >= lastRequestByte + Self.requestIdleLimit {
            conversation.requestStalled()
        } else {
            scheduleRequestCheck(context)
        }
    }

    /// Stops the timer, because a head has come or is no longer needed.
    func stopHeadTimer() { headTimer?.cancel() }

    /// Stops both timers, because no more of a request is expected.
    func stopTimers() {
        headTimer?.cancel()
        requestTimer?.cancel()
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        headTimer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.headTimeout) {
            self.conversation.headTimedOut()
        }
        conversation.visitorConnected(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stopTimers()
        conversation.visitorRemoved()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        conversation.visitorSent(unwrapInboundIn(data))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { conversation.visitorHalfClosed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        conversation.visitorReset()
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        conversation.visitorGone()
        writer.dropAll()
        context.fireChannelInactive()
    }
}
