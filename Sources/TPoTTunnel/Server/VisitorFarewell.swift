import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Closes a visitor's connection without destroying what it has yet to read.
///
/// A socket closed with unread bytes, or reset, throws away what the visitor's side has not taken: so the answer is
/// flushed first, then our half is closed, and the visitor gets a few seconds for its own.
final class VisitorFarewell {
    /// A visitor that takes nothing of its answer for this long is let go.
    private static let stall = TimeAmount.seconds(30)
    /// For the visitor to close its half, or for the kernel to deliver before a reset.
    private static let grace = TimeAmount.seconds(3)
    private static let check = TimeAmount.milliseconds(10)

    private let context: ChannelHandlerContext
    private let visitor: Visitor
    private let isDelivered: (_ isLastChance: Bool) -> Bool
    private var isFlushed = false
    private var stallTask: Scheduled<Void>?

    enum Visitor {
        /// It may send more.
        case mayGoOn
        /// It has announced to send nothing more.
        case isDone
        /// It has closed its half.
        case hasEnded
    }

    /// - Parameter isDelivered: whether nobody has to know any more what the visitor took. A closed socket cannot tell, and
    ///   the last chance is always true.
    init(_ context: ChannelHandlerContext, _ visitor: Visitor, isDelivered: @escaping (_ isLastChance: Bool) -> Bool) {
        self.context = context
        self.visitor = visitor
        self.isDelivered = isDelivered
    }

    /// Flushes, closes our half, and then the connection.
    func finish() {
        afterFlush { [self] in
            if visitor != .mayGoOn, isDelivered(false) {
                context.close(promise: nil)
            } else if visitor == .hasEnded {
                // A socket with both halves closed is none for NIO any more.
                closeWhenDelivered(until: .now() + Self.grace)
            } else {
                Self.closeOutput(context.channel) { [self] in _ = isDelivered(true) }
            }
        }
    }

    private func closeWhenDelivered(until deadline: NIODeadline) {
        guard context.channel.isActive else { return }
        guard !isDelivered(.now() >= deadline) else {
            context.close(promise: nil)
            return
        }
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.check) { [self] in
            closeWhenDelivered(until: deadline)
        }
    }

    /// Closes our half now, and the connection when the visitor has had time to read.
    static func closeOutput(_ channel: any Channel, beforeClose: @escaping () -> Void = {}) {
        channel.close(mode: .output, promise: nil)
        let task = channel.eventLoop.assumeIsolated().scheduleTask(in: grace) {
            beforeClose()
            channel.close(promise: nil)
        }
        // The task goes with the connection: a flood of short visits must not be remembered for seconds.
        channel.closeFuture.whenComplete { _ in task.cancel() }
    }

    /// Resets the connection now: what it was sent and has not been delivered is lost.
    static func abort(_ channel: any Channel) {
        // A linger time of zero makes the close a reset (socket(7)).
        (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenFailure { _ in }
        channel.close(promise: nil)
    }

    /// Flushes, waits until the kernel has delivered, and resets the connection.
    func reset() {
        afterFlush { [self] in resetWhenDelivered(until: .now() + Self.grace) }
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

    /// Closes if nothing more of what waits was taken since the last look.
    private func watchStall(waiting: Int) {
        guard waiting > 0, !isFlushed else { return }
        let task = context.eventLoop.assumeIsolated().scheduleTask(in: Self.stall) { [self] in
            guard !isFlushed else { return }
            let now = waitingBytes
            guard now >= waiting else {
                watchStall(waiting: now)
                return
            }
            _ = isDelivered(true)
            context.close(promise: nil)
        }
        stallTask = task
    }

    private func resetWhenDelivered(until deadline: NIODeadline) {
        guard context.channel.isActive else { return }
        if undelivered > 0, .now() < deadline {
            context.eventLoop.assumeIsolated().scheduleTask(in: Self.check) { [self] in
                resetWhenDelivered(until: deadline)
            }
            return
        }
        _ = isDelivered(true)
        Self.abort(context.channel)
    }

    /// Segments that the visitor's side has not acknowledged, where the system tells.
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
