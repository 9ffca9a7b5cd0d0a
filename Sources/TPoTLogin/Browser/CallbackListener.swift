import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import TPoTNetwork

/// Waits on the loopback for the browser to come back from the identity provider. The first answer counts. Until the
/// listener is closed, a page that is loaded again says that the login was answered.
final class CallbackListener: Sendable {
    /// How long the user has to log in.
    static let patience = TimeAmount.seconds(120)
    /// Browsers open connections in advance and leave them unused.
    private static let idleTimeout = TimeAmount.seconds(60)

    let port: Int
    private let channel: any Channel
    private let received: EventLoopFuture<ReceivedCallback>

    private init(_ channel: any Channel, _ received: EventLoopFuture<ReceivedCallback>) {
        self.channel = channel
        self.received = received
        port = channel.localAddress?.port ?? 0
    }

    /// - Parameters:
    ///   - port: 0 for any free port.
    ///   - read: what a request's URI means.
    static func start(
        port: Int,
        patience: TimeAmount = CallbackListener.patience,
        eventLoop: any EventLoop,
        read: @escaping @Sendable (String) -> CallbackQuery
    ) async throws(LoginError) -> CallbackListener {
        let promise = eventLoop.makePromise(of: ReceivedCallback.self)
        let isTaken = NIOLockedValueBox(false)
        let bootstrap = ServerBootstrap(group: eventLoop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let operations = channel.pipeline.syncOperations
                    try operations.addHandler(IdleStateHandler(allTimeout: Self.idleTimeout))
                    try operations.configureHTTPServerPipeline()
                    let handler = CallbackHandler(read) { callback in
                        let isFirst = isTaken.withLockedValue { isTaken in
                            defer { isTaken = true }
                            return !isTaken
                        }
                        if isFirst { promise.succeed(callback) }
                        return isFirst
                    }
                    try operations.addHandler(handler)
                }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
        } catch {
            promise.fail(error)
            throw .cannotListen(port: port, NetworkCause(error))
        }
        let timer = eventLoop.scheduleTask(in: patience) {
            promise.fail(LoginError.notLoggedIn(seconds: patience.nanoseconds / 1_000_000_000))
        }
        promise.futureResult.whenComplete { _ in timer.cancel() }
        return CallbackListener(channel, promise.futureResult)
    }

    /// The first answer to this login.
    /// - Throws: ``LoginError/notLoggedIn(seconds:)``.
    func callback() async throws -> ReceivedCallback { try await received.get() }

    func close() { channel.close(promise: nil) }
}

/// The browser's answer, and the connection on which to show the user the outcome.
struct ReceivedCallback: Sendable {
    let answer: CallbackAnswer
    let channel: any Channel

    func show(_ page: CallbackPage) async {
        for part in page.parts { channel.write(part, promise: nil) }
        try? await channel.writeAndFlush(HTTPServerResponsePart.end(nil)).get()
        try? await channel.close().get()
    }
}
