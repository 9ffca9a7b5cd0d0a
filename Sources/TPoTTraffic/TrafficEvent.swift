import NIOCore
import TPoTWire

/// A conversation's number in this run of the program: 1, 2, 3, …. Unlike the id on the wire it is never reused.
package typealias ConversationNumber = UInt64

/// The number of a request that a hold by filter makes wait: 1, 2, 3, …, never reused in a run of the program.
package typealias HeldRequestID = UInt64

/// One thing that happened on the tunnel. The tunnel publishes it after it has forwarded the bytes.
///
/// The HTTP boundaries are those that the tunnel has found anyway: nothing is parsed a second time. The events of a
/// conversation come in the order in which they happened. When the bus is full, events are missing, and a reader
/// resumes with the conversation's next head.
package struct TrafficEvent: Sendable {
    /// Monotonic time.
    package var time: NIODeadline
    /// 0 for events of the tunnel as a whole.
    package var conversation: ConversationNumber
    package var kind: Kind

    package init(time: NIODeadline, conversation: ConversationNumber, kind: Kind) {
        self.time = time
        self.conversation = conversation
        self.kind = kind
    }

    /// Heads are copied into arrays: they are small, and an array takes one allocation where a buffer takes two.
    package enum Kind: Sendable {
        /// Indirect, because it is rare and by far the largest: the other cases stay small.
        indirect case tunnel(TunnelStatus)

        /// A visitor opened a conversation, or a replay was started.
        case opened(ConversationOrigin)
        /// The conversation is held: its target is connected when the hold ends.
        case held
        case released
        case targetConnected
        /// The target could not be connected, or sent no answer at all. The text is for the user.
        case targetFailed(String)

        /// The head of a request as the visitor sent it, and as the target got it if that differs.
        case requestHead(received: [UInt8], sent: [UInt8]?)
        /// Bytes of a request's body as forwarded, including chunk framing and trailers.
        case requestBody(TrafficBytes)
        case requestEnd
        /// The latest request waits, because it matches the filter of a hold, or because it is behind such a one.
        case requestHeld(HeldRequestID, isMatch: Bool)
        /// A request waits no more. A refused one gets its answer next.
        case requestReleased(HeldRequestID)
        /// The user has replaced a request that waits. This is what the target gets; the body is as on the wire.
        /// Indirect, because it would make all events larger.
        indirect case requestEdited(HeldRequestID, head: [UInt8], body: ByteBuffer)
        /// The head of a response, final or interim (1xx), as the target sent it.
        case responseHead([UInt8])
        /// Bytes of a response's body as forwarded, including chunk framing and trailers.
        case responseBody(TrafficBytes)
        case responseEnd
        /// The end of the answer is not certain, nor where later ones begin: the target's bytes come as `targetOpaque`
        /// from here on. The status is given if the answer's head was not published but its status line could be read.
        case responseUnreadable(HTTPResponseFault, status: Int?)
        /// Bytes from the visitor that are not interpreted: after an upgrade, or not HTTP.
        case visitorOpaque(TrafficBytes)
        /// Bytes from the target that are not interpreted.
        case targetOpaque(TrafficBytes)

        /// The visitor's side accepts no more of the answer (true), or accepts it again (false).
        case visitorPaused(Bool)
        /// The visitor has closed its sending side: it waits for its answer, or has left.
        case visitorHalfClosed
        /// The target accepts no more of the request (true), or accepts it again (false).
        case targetPaused(Bool)

        case closed(ConversationEnd)
    }
}

/// Bytes that were forwarded: the bytes themselves up to ``TrafficBus/bodyLimit``, beyond it only their number.
package enum TrafficBytes: Sendable {
    case bytes(ByteBuffer)
    case count(Int)

    package var count: Int {
        switch self {
        case .bytes(let buffer): buffer.readableBytes
        case .count(let count): count
        }
    }
}

/// Who began a conversation, and so sent the requests on it. The id is the one on the wire.
package enum ConversationOrigin: Hashable, Sendable {
    case visitor(id: ConversationID, RemoteAddress)
    /// A replay of the exchange with this number. All replays that were asked for at once have the same batch, which is
    /// never reused; a single replay has none.
    case replay(of: UInt64, batch: UInt64? = nil)
}

/// Why a conversation ended.
package enum ConversationEnd: Hashable, Sendable {
    /// The visitor closed. As far as the server can tell, it had received everything.
    case visitorClosed
    /// The visitor left before it had received everything.
    case visitorLeft
    /// The visitor left. The server does not know how much it had received.
    case visitorLeftUnsure
    /// `complete` is false when the target stopped in the middle of an answer.
    case targetClosed(complete: Bool)
    case targetReset(String)
    /// The target could not be connected.
    case targetNotConnected
    /// The target was connected, but the TLS handshake failed.
    case targetNotSecured
    /// The connection of the tunnel was lost.
    case tunnelLost
    /// A limit was reached. The text says which.
    case limit(String)
    case closedByUser
}

extension ConversationEnd {
    /// - Parameter cause: the server's reason for the end. Nil if the server does not send reasons.
    package init(visitor cause: ConversationCause?) {
        switch cause {
        case nil, .complete?: self = .visitorClosed
        case .incomplete?: self = .visitorLeft
        case .limit?: self = .limit("a limit of the server was reached: its log says which")
        default: self = .visitorLeftUnsure
        }
    }
}

/// The state of the tunnel, for display.
package enum TunnelStatus: Hashable, Sendable {
    /// Connecting to the server. `attempt` counts from 1 since the tunnel was last online.
    case connecting(attempt: Int)
    /// `url` is the public URL without a final slash. ``PublicURL`` says whether it has changed.
    case online(url: String)
    /// Offline. Attempt number `attempt` follows after `delay`.
    case reconnecting(attempt: Int, delay: TimeAmount, reason: String)
    /// The round trip to the server, measured by ping.
    case roundTrip(TimeAmount)
    /// True: the whole tunnel is held. False: nothing is, not by a filter either.
    case holding(Bool)
    /// Requests that match this filter are held. The text is as the user typed it.
    case holdingMatching(String)
    /// The target could be connected to, or not, and before it was otherwise or not known.
    case target(TargetState)
    /// Stopped for good.
    case stopped(reason: String)
}

/// Whether the target takes connections, as far as is known.
package enum TargetState: Hashable, Sendable {
    /// Nothing has connected to it yet.
    case unknown
    case up
    /// No connection could be made since this time. The reason is a sentence for the user that names the way out.
    case down(since: NIODeadline, reason: String)

    package var isDown: Bool {
        if case .down = self { true } else { false }
    }
}

/// The public URL of a run, as its events tell it.
package struct PublicURL: Hashable, Sendable {
    package enum Change: Hashable, Sendable {
        case first
        case same
        /// The former URL leads nowhere any more.
        case changed(from: String)
    }

    /// The last one; it stays while the tunnel is offline. Nil before the first.
    package private(set) var current: String?

    package init() {}

    /// Takes the URL in of a tunnel that is online now.
    package mutating func online(at url: String) -> Change {
        defer { current = url }
        guard let current else { return .first }
        return current == url ? .same : .changed(from: current)
    }
}
