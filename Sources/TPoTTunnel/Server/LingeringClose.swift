import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Closes a visitor's connection without destroying the bytes that the visitor has not read yet.
///
/// A socket that is reset, or closed with unread bytes, discards what the visitor's side has not received. So the
/// answer is flushed first, then our half is closed, and the visitor gets a few seconds to close its own.
final class LingeringClose {
    /// A visitor that accepts nothing of its answer for this long is disconnected.
    static let stall = TimeAmount.seconds(30)
    /// The time for the visitor to close its half, or for the kernel to deliver before a reset.
    static let grace = TimeAmount.seconds(3)
    private static let check = TimeAmount.milliseconds(10)

    private let context: ChannelHandlerContext
    private let visitor: Visitor
    private let settle: (_ isLastChance: Bool) -> Bool
    private var isFlushed = false
    private var stallTask: Scheduled<Void>?

    enum Visitor {
        /// It may send more.
        case mayGoOn
        /// It has announced that it sends nothing more.
        case isDone
        /// It has closed its half.
        case hasEnded
    }

    /// - Parameter settle: reports what the visitor took and returns whether the connection may be closed now. It is
    ///   called before each close, because a closed socket can no longer provide this. When `isLastChance` is true, its
    ///   result is ignored.
    init(_ context: ChannelHandlerContext, _ visitor: Visitor, settle: @escaping (_ isLastChance: Bool) -> Bool) {
        self.context = context
        self.visitor = visitor
        self.settle = settle
    }

    /// Flushes, closes our half and then closes the connection.
    func finish() {
        afterFlush { [self] in
            if visitor != .mayGoOn, settle(false) {
                context.close(promise: nil)
            } else if visitor == .hasEnded {
                // NIO regards a socket with both halves closed as closed, so our half stays open until the answer is
                // delivered.
                closeWhenDelivered(until: context.eventLoop.now + Self.grace)
            } else {
                Self.closeOutput(context.channel) { [self] in _ = settle(true) }
            }
        }
    }

    private func closeWhenDelivered(until deadline: NIODeadline) {
        guard context.channel.isActive else { return }
        guard !settle(context.eventLoop.now >= deadline) else {
            context.close(promise: nil)
            return
        }
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.check) { [self] in
            closeWhenDelivered(until: deadline)
        }
    }

    /// Closes our half now, and the connection once the visitor has had time to read.
    static func closeOutput(_ channel: any Channel, beforeClose: @escaping () -> Void = {}) {
        channel.close(mode: .output, promise: nil)
        let task = channel.eventLoop.assumeIsolated().scheduleTask(in: grace) {
            beforeClose()
            channel.close(promise: nil)
        }
        // The task ends with the connection, because a flood of short visits must not stay in memory for seconds.
        channel.closeFuture.whenComplete { _ in task.cancel() }
    }

    /// Resets the connection now. Bytes that were sent and not delivered are lost.
    static func abort(_ channel: any Channel) {
        // A linger time of zero makes the close a reset (socket(7)).
        (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenFailure { _ in }
        channel.close(promise: nil)
    }

    /// Flushes, waits until the kernel has delivered everything, and resets the connection.
    func reset() {
        afterFlush { [self] in resetWhenDelivered(until: context.eventLoop.now + Self.grace) }
    }

    private func afterFlush(_ body: @escaping () -> Void) {
        context.flush()
        guard waitingBytes > 0 else {
            body()
            return
        }
        let flushed = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(NIOAny(ByteBuffer()), promise: flushed)
        let channel = context.channel
        watchStall(waiting: waitingBytes)
        flushed.futureResult.assumeIsolated().whenComplete { result in
            self.isFlushed = true
            self.stallTask?.cancel()
            if case .success = result { body() } else { channel.close(promise: nil) }
        }
    }

    private var waitingBytes: Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Closes the connection if none of the waiting bytes has left since the last check.
    private func watchStall(waiting: Int) {
        guard waiting > 0, !isFlushed else { return }
        let task = context.eventLoop.assumeIsolated().scheduleTask(in: Self.stall) { [self] in
            guard !isFlushed else { return }
            let now = waitingBytes
            guard now >= waiting else {
                watchStall(waiting: now)
                return
            }
            _ = settle(true)
            context.close(promise: nil)
        }
        stallTask = task
    }

    private func resetWhenDelivered(until deadline: NIODeadline) {
        guard context.channel.isActive else { return }
        if undelivered > 0, context.eventLoop.now < deadline {
            context.eventLoop.assumeIsolated().scheduleTask(in: Self.check) { [self] in
                resetWhenDelivered(until: deadline)
            }
            return
        }
        _ = settle(true)
        Self.abort(context.channel)
    }

    /// Segments that the visitor's side has not acknowledged; 0 if the system does not provide the number.
    private var undelivered: UInt32 {
        #if os(Linux)
        guard let provider = context.channel as? any SocketOptionProvider else { return 0 }
        // tcp_info(7): the future is complete, because we are on the channel's event loop.
        let info: EventLoopFuture<tcp_info> = provider.unsafeGetSocketOption(
            level: .tcp,
            name: .init(rawValue: TCP_INFO)
        )
        var unacked: UInt32 = 0
        info.assumeIsolated().whenSuccess { unacked = $0.tcpi_unacked }
        return unacked
        #else
        return 0
        #endif
    }
}
