import NIOCore
import TPoTWire

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Sends the `X` of an ended conversation as soon as it is known what the visitor took of it (extension `cause`).
///
/// The visitor's side may acknowledge the last bytes of an answer long after they were written. The `X`, and with it
/// the conversation's id, waits for that, but no longer than ``limit``.
final class DeliveryReport {
    static let limit = TimeAmount.seconds(60)
    private static let firstCheck = TimeAmount.milliseconds(10)
    private static let lastCheck = TimeAmount.seconds(1)

    /// The state of the visitor's connection at the time of the report.
    enum Moment {
        /// It is open, and missing bytes may still arrive.
        case isOpen
        /// It continues with another conversation.
        case continues
        /// The visitor's side has ended it.
        case hasGone
        /// We close it.
        case closes
    }

    private let flow: LinkFlow
    /// Weak, because the `X` of a lost link is not sent.
    private weak var sender: LinkSender?
    private let visitor: VisitorHandler
    private let eventLoop: any EventLoop
    /// Bytes that the client sent for the conversation.
    private let sent: UInt64
    /// The position of the conversation's last byte in all bytes written to the visitor.
    private let end: UInt64
    private let deadline: NIODeadline

    /// The latest cause from the rules; see ``settle(_:decided:)``.
    private var decided = ConversationCause.complete
    private var isSettled = false
    private var isCheckScheduled = false
    private var nextCheck = DeliveryReport.firstCheck
    /// Bytes of the conversation that the visitor's side had not acknowledged at the last successful query.
    private var missing: UInt64?

    /// - Parameters:
    ///   - flow: the flow of the ended conversation; nothing more of it goes to the visitor.
    ///   - sent: the bytes that the client sent for it.
    init(_ flow: LinkFlow, _ sender: LinkSender, to visitor: VisitorHandler, sent: UInt64, on eventLoop: any EventLoop)
    {
        self.flow = flow
        self.sender = sender
        self.visitor = visitor
        self.eventLoop = eventLoop
        self.sent = sent
        end = visitor.written
        deadline = eventLoop.now + Self.limit
    }

    /// Sends the `X` if it is known what the visitor took, or if that will not become clearer.
    ///
    /// - Parameter decided: the cause from the rules. With ``ConversationCause/complete``, the bytes that the visitor
    ///   took decide.
    /// - Returns: whether the `X` has been sent.
    func settle(_ moment: Moment, decided: ConversationCause) -> Bool {
        guard !isSettled else { return true }
        self.decided = decided
        noteMissing()
        let isLate = eventLoop.now >= deadline
        guard let cause = Self.cause(moment, decided: decided, hasAll: missing == 0, isLate: isLate) else {
            return false
        }
        isSettled = true
        flow.end = (cause, sent - min(sent, missing ?? sent))
        sender?.sendClosed(flow, discarding: false)
        return true
    }

    /// The cause that `X` reports; nil while it may change.
    static func cause(
        _ moment: Moment,
        decided: ConversationCause,
        hasAll: Bool,
        isLate: Bool
    ) -> ConversationCause? {
        if decided != .complete { return decided }
        if hasAll { return .complete }
        return switch moment {
        case .isOpen: isLate ? .givenUp : nil
        case .continues: .complete
        case .hasGone: .incomplete
        case .closes: .givenUp
        }
    }

    /// Checks again from time to time until the `X` has been sent.
    func keepChecking() {
        guard !isSettled, !isCheckScheduled else { return }
        isCheckScheduled = true
        let wait = nextCheck
        nextCheck = min(nextCheck * 2, Self.lastCheck)
        eventLoop.assumeIsolated().scheduleTask(in: wait) {
            self.isCheckScheduled = false
            if !self.settle(.isOpen, decided: self.decided) { self.keepChecking() }
        }
    }

    private func noteMissing() {
        guard let unacknowledged = visitor.unacknowledgedBytes else { return }
        let after = visitor.written - end
        let missing = UInt64(max(0, unacknowledged))
        self.missing = missing > after ? missing - after : 0
    }
}

extension Channel {
    /// Bytes written to the socket that the other side has not acknowledged; nil if the system does not provide the
    /// number.
    /// Use it on the channel's event loop only.
    var unacknowledgedBytes: Int? {
        #if os(Linux)
        // This is SIOCOUTQ of tcp(7), which has the same value as TIOCOUTQ.
        let count = try? pipeline.syncOperations.withUnsafeTransportIfAvailable { (socket: CInt) -> Int? in
            var count: CInt = 0
            return ioctl(socket, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : nil
        }
        return count ?? nil
        #else
        return nil
        #endif
    }
}
