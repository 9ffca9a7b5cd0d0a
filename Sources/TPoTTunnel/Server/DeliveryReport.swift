import NIOCore
import TPoTWire

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What a visitor has taken of a conversation that is over, for the `X` that says so (extension `cause`).
///
/// The visitor's side may acknowledge the last bytes of an answer long after they were written. The `X` waits for that,
/// ``limit`` at most, and with it the conversation's id.
struct DeliveryReport {
    static let limit = TimeAmount.seconds(60)
    private static let firstCheck = TimeAmount.milliseconds(10)
    private static let lastCheck = TimeAmount.seconds(1)

    let flow: LinkFlow
    /// The link goes on without it: the `X` of a lost link is sent nowhere.
    weak var link: TunnelLink?
    /// Bytes that the client sent for the conversation.
    let sent: UInt64
    /// Where the conversation's last byte stands in all that was written to the visitor.
    let end: UInt64
    let deadline: NIODeadline

    private var nextCheck = Self.firstCheck
    /// Bytes of the conversation that the visitor's side had not acknowledged when it was last known.
    private var missing: UInt64?

    init(_ flow: LinkFlow, _ link: TunnelLink, sent: UInt64, end: UInt64, now: NIODeadline) {
        self.flow = flow
        self.link = link
        self.sent = sent
        self.end = end
        deadline = now + Self.limit
    }

    /// - Parameters:
    ///   - written: all bytes that were written to the visitor.
    ///   - unacknowledged: those of them that its side has not acknowledged; nil where that can no longer be known.
    mutating func note(written: UInt64, unacknowledged: Int?) {
        guard let unacknowledged else { return }
        let after = written - end
        let missing = UInt64(max(0, unacknowledged))
        self.missing = missing > after ? missing - after : 0
    }

    var hasAll: Bool { missing == 0 }

    /// What `X` says.
    var taken: UInt64 { sent - min(sent, missing ?? sent) }

    mutating func nextWait() -> TimeAmount {
        defer { nextCheck = min(nextCheck * 2, Self.lastCheck) }
        return nextCheck
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
