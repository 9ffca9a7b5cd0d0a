import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// One end of a TCP connection on which a test sends and receives raw bytes.
package final class RawPeer: Sendable {
    package enum Ending: Equatable, Sendable { case orderly, reset }

    package struct Ended: Error, CustomStringConvertible {
        package var received: String

        package init(received: String) {
            self.received = received
        }

        package var description: String { "the connection ended after \(received.debugDescription)" }
    }

    private struct Waiter: Sendable {
        var isSatisfied: @Sendable ([UInt8]) -> Int?
        var promise: EventLoopPromise<[UInt8]>
    }

    private struct State: Sendable {
        var bytes: [UInt8] = []
        var total = 0
        var ending: Ending?
        var waiters: [Waiter] = []
        var endPromises: [EventLoopPromise<Ending>] = []
    }

    package let channel: any Channel
    private let state = NIOLockedValueBox(State())

    fileprivate init(_ channel: any Channel) {
        self.channel = channel
    }

    package static func connect(port: Int, receiveBuffer: Int? = nil) async throws -> RawPeer {
        let sized =
            receiveBuffer.map { bootstrap.channelOption(.socketOption(.so_rcvbuf), value: SocketOptionValue($0)) }
            ?? bootstrap
        return try await sized.connect(host: "127.0.0.1", port: port, channelInitializer: initialize).starting()
    }

    package static func connect(unixSocket path: String) async throws -> RawPeer {
        try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: initialize).starting()
    }

    private static var bootstrap: ClientBootstrap {
        ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: false)
    }

    @Sendable private static func initialize(_ channel: any Channel) -> EventLoopFuture<RawPeer> {
        channel.eventLoop.makeCompletedFuture { try prepared(channel) }
    }

    /// For use in the initializer of a channel, so that even an immediate end is recorded.
    static func prepared(_ channel: any Channel) throws -> RawPeer {
        let peer = RawPeer(channel)
        try channel.pipeline.syncOperations.addHandler(RawPeerHandler(peer))
        return peer
    }

    func starting() async throws -> RawPeer {
        // The other side may have closed already. How it ended is recorded anyway.
        do {
            try await channel.setOption(.autoRead, value: true).get()
        } catch {
            guard !channel.isActive else { throw error }
        }
        return self
    }

    // MARK: Sending

    package func send(_ text: String) { send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }

    /// Returns when the kernel has accepted the bytes.
    package func sendAndWait(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes) }

    package func halfClose() async throws { try await channel.close(mode: .output) }

    package func close() { channel.close(promise: nil) }

    package func reset() {
        (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            .whenComplete { _ in self.channel.close(promise: nil) }
    }

    package func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }
    package func startReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
        channel.read()
    }

    // MARK: Receiving

    /// The number of all bytes received so far.
    package var receivedCount: Int { state.withLockedValue { $0.total } }

    /// Takes the received bytes up to and including `text`.
    @discardableResult
    package func read(through text: String) async throws -> String {
        let wanted = Array(text.utf8)
        return String(decoding: try await take { bytes in bytes.firstRange(of: wanted)?.upperBound }, as: UTF8.self)
    }

    /// Takes exactly `count` bytes.
    package func read(count: Int) async throws -> [UInt8] {
        try await take { $0.count >= count ? count : nil }
    }

    /// Takes one HTTP message with a Content-Length, or without a body.
    package func readMessage() async throws -> String {
        let bytes = try await take { bytes in
            guard let head = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            let text = String(decoding: bytes[..<head.upperBound], as: UTF8.self).lowercased()
            let length = text.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst(15).trimmingPrefix(" ")) }
            let end = head.upperBound + (length ?? 0)
            return bytes.count >= end ? end : nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Everything until the connection ends, and how it ended.
    package func readToEnd() async throws -> (text: String, ending: Ending) {
        let ending = try await ended()
        let bytes = state.withLockedValue { state in
            defer { state.bytes = [] }
            return state.bytes
        }
        return (String(decoding: bytes, as: UTF8.self), ending)
    }

    package func ended() async throws -> Ending {
        let promise = channel.eventLoop.makePromise(of: Ending.self)
        let known: Ending? = state.withLockedValue { state in
            if state.ending == nil { state.endPromises.append(promise) }
            return state.ending
        }
        if let known { promise.succeed(known) }
        return try await promise.futureResult.get()
    }

    private func take(_ isSatisfied: @escaping @Sendable ([UInt8]) -> Int?) async throws -> [UInt8] {
        let promise = channel.eventLoop.makePromise(of: [UInt8].self)
        state.withLockedValue { state in
            state.waiters.append(Waiter(isSatisfied: isSatisfied, promise: promise))
        }
        serve()
        return try await promise.futureResult.get()
    }

    // MARK: From the handler

    fileprivate func received(_ bytes: ByteBuffer) {
        state.withLockedValue { state in
            state.bytes += bytes.readableBytesView
            state.total += bytes.readableBytes
        }
        serve()
    }

    fileprivate func ended(_ ending: Ending) {
        let promises: [EventLoopPromise<Ending>] = state.withLockedValue { state in
            guard state.ending == nil else { return [] }
            state.ending = ending
            defer { state.endPromises = [] }
            return state.endPromises
        }
        for promise in promises { promise.succeed(ending) }
        serve()
    }

    private func serve() {
        var done: [(EventLoopPromise<[UInt8]>, Result<[UInt8], any Error>)] = []
        state.withLockedValue { state in
            while let waiter = state.waiters.first {
                if let count = waiter.isSatisfied(state.bytes) {
                    done.append((waiter.promise, .success(Array(state.bytes.prefix(count)))))
                    state.bytes.removeFirst(count)
                } else if state.ending != nil {
                    let text = String(decoding: state.bytes.prefix(2000), as: UTF8.self)
                    done.append((waiter.promise, .failure(Ended(received: text))))
                } else {
                    break
                }
                state.waiters.removeFirst()
            }
        }
        for (promise, result) in done { promise.completeWith(result) }
    }
}

private final class RawPeerHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let peer: RawPeer

    init(_ peer: RawPeer) {
        self.peer = peer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { peer.received(unwrapInboundIn(data)) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { peer.ended(.orderly) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        peer.ended(.reset)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { peer.ended(.orderly) }
}
