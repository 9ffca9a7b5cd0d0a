import NIOCore

/// The visitor's end of the pipeline: passes everything on to its ``VisitorConversation``, which has the rules, and keeps
/// the time for requests that do not go on. Lives on the server's event loop.
final class VisitorHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A head has to be whole within this time of the connection, or of its first byte where no tunnel is open.
    static let headTimeout = TimeAmount.seconds(60)
    /// A request of which no byte comes for this long is given up, unless the visitor is made to wait.
    static let requestIdleLimit = TimeAmount.minutes(5)

    let conversation: VisitorConversation
    /// What the visitor's socket has not taken.
    let writer = LocalWriter()
    /// All bytes that were given to ``writer``.
    private(set) var written: UInt64 = 0

    private var context: ChannelHandlerContext?
    /// The channel asked for a read, and that has to wait.
    private var isReadWanted = false
    private var headTimer: Scheduled<Void>?
    private var requestTimer: Scheduled<Void>?
    /// The latest byte of a request that is not complete, or when the visitor was last allowed to go on.
    private var lastRequestByte = NIODeadline.uptimeNanoseconds(0)

    init(server: ServerCore) {
        conversation = VisitorConversation(server: server)
    }

    /// For the log.
    var remoteAddress: SocketAddress? { context?.channel.remoteAddress }

    // MARK: Writing

    /// To be sent with the next ``flush(portion:)``.
    func write(_ bytes: ByteBuffer) {
        written += UInt64(bytes.readableBytes)
        writer.add(bytes)
    }

    func flush(portion: Int) {
        guard let context else { return }
        if writer.flush(context, portion: portion) {
            writer.whenCaughtUp(context) {
                self.writer.caughtUp()
                // Flushes again, where it has more.
                self.conversation.visitorCaughtUp()
            }
        }
    }

    /// Bytes of ``written`` that the visitor's side has not acknowledged; nil once the connection is closed, and where the
    /// system does not tell.
    var unacknowledgedBytes: Int? {
        guard let channel = context?.channel, channel.isActive, let inKernel = channel.unacknowledgedBytes else {
            return nil
        }
        let inChannel = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        return writer.queuedBytes + inChannel + inKernel
    }

    // MARK: Closing

    /// Closes the sending half, after all that was written.
    func halfClose() {
        guard let context else { return }
        writer.writeAll(context)
        context.flush()
        context.close(mode: .output, promise: nil)
    }

    func close() { context?.close(promise: nil) }

    /// Resets the connection now, and drops what the visitor has not taken.
    func abort() {
        writer.dropAll()
        guard let context else { return }
        LingeringClose.abort(context.channel)
    }

    /// Hands all that was written to the channel, for a close that lets the visitor have it; see ``LingeringClose``.
    func closeLingering(_ visitor: LingeringClose.Visitor, settle: @escaping (Bool) -> Bool) -> LingeringClose? {
        guard let context else { return nil }
        writer.writeAll(context)
        return LingeringClose(context, visitor, settle: settle)
    }

    /// Lets NIO's HTTP server have this connection, from these bytes on.
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

    /// Reads the socket if that was asked for before, and is allowed now.
    func resumeReading() {
        guard isReadWanted, let context, conversation.claimRead() else { return }
        isReadWanted = false
        lastRequestByte = context.eventLoop.now
        context.read()
    }

    // MARK: Requests that do not go on

    /// A byte of a request has come that is not complete.
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
        // While the visitor is made to wait its clock stands still.
        if isReadWanted || !conversation.isVisitorToSend { lastRequestByte = now }
        if now >= lastRequestByte + Self.requestIdleLimit {
            conversation.requestStalled()
        } else {
            scheduleRequestCheck(context)
        }
    }

    /// A head has come, or no longer matters.
    func stopHeadTimer() { headTimer?.cancel() }

    /// Nothing is waited for any more.
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
