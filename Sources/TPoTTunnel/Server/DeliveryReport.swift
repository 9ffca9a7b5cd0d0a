import NIOCore
import TPoTWire

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Sends the `X` of a conversation that is over, as soon as it is known what the visitor took of it (extension `cause`).
///
/// The visitor's side may acknowledge the last bytes of an answer long after they were written. The `X` waits for that,
/// ``limit`` at most, and with it the conversation's id.
final class DeliveryReport {
    static let limit = TimeAmount.seconds(60)
    private static let firstCheck = TimeAmount.milliseconds(10)
    private static let lastCheck = TimeAmount.seconds(1)

    /// Where the visitor's connection is when the report is asked for.
    enum Moment {
        /// It is open, and what is missing may still arrive.
        case isOpen
        /// It goes on with another conversation.
        case goesOn
        /// It has gone, and we have not closed it.
        case hasGone
        /// We close it.
        case closes
    }

    private let flow: LinkFlow
    /// The link goes on without the report: the `X` of a lost link is sent nowhere.
    private weak var sender: LinkSender?
    private let visitor: VisitorHandler
    private let eventLoop: any EventLoop
    /// Bytes that the client sent for the conversation.
    private let sent: UInt64
    /// Where the conversation's last byte is in all that was written to the visitor.
    private let end: UInt64
    private let deadline: NIODeadline

    /// What the rules said last, see ``settle(_:decided:)``.
    private var decided = ConversationCause.complete
    private var isSettled = false
    private var isCheckScheduled = false
    private var nextCheck = DeliveryReport.firstCheck
    /// Bytes of the conversation that the visitor's side had not acknowledged when it was last known.
    private var missing: UInt64?

    /// - Parameters:
    ///   - flow: of the conversation, of which nothing more goes to the visitor.
    ///   - sent: bytes that the client sent for it.
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

    /// Sends the `X` if it is known what the visitor took, or will not be known better.
    ///
    /// - Parameter decided: the cause that the rules give; ``ConversationCause/complete`` where what the visitor took tells.
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

    /// What `X` says, nil while that may change.
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
        case .goesOn: .complete
        case .hasGone: .incomplete
        case .closes: .givenUp
        }
    }

    /// Asks again from time to time, until the `X` has been sent.
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
    /// Bytes written to the socket that the other side has not acknowledged; nil where the system does not tell.
    /// On the channel's event loop only.
    var unacknowledgedBytes: Int? {
        #if os(Linux)
        // SIOCOUTQ of tcp(7), which has the value of TIOCOUTQ.
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
