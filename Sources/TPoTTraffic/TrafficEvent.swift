import NIOCore
import TPoTWire

/// A conversation's number within this run of the program: 1, 2, 3, …, never reused, unlike the id on the wire.
package typealias ConversationNumber = UInt64

/// One thing that happened on the tunnel, published by the path of bytes after the bytes have gone on their way.
///
/// The HTTP boundaries are those that the path found anyway; nothing is parsed a second time to watch it. Events of one
/// conversation come in the order in which they happened. When the bus is full, events are missing: a conversation
/// then goes on with the next head.
package struct TrafficEvent: Sendable {
    /// Monotonic time.
    package var time: NIODeadline
    /// 0 for what concerns the tunnel as a whole.
    package var conversation: ConversationNumber
    package var kind: Kind

    package init(time: NIODeadline, conversation: ConversationNumber, kind: Kind) {
        self.time = time
        self.conversation = conversation
        self.kind = kind
    }

    /// Heads are copies: they are small, and an array is one allocation where a buffer is two.
    package enum Kind: Sendable {
        /// Rare, and the largest of all: kept outside, so that the others are small.
        indirect case tunnel(TunnelStatus)

        /// A visitor opened a conversation, or a replay was started.
        case opened(ConversationOrigin)
        /// The conversation waits for the hold to end before its target is connected.
        case held
        case released
        case targetConnected
        /// The target could not be connected, or gave no answer at all; the text is for the user.
        case targetFailed(String)

        /// The head of a request as the visitor sent it, and as the target got it where that differs.
        case requestHead(received: [UInt8], sent: [UInt8]?)
        /// Bytes of a request's body as they passed, chunk framing and trailers included.
        case requestBody(TrafficBytes)
        case requestEnd
        /// The head of a response, final or interim (1xx), as the target sent it.
        case responseHead([UInt8])
        /// Bytes of a response's body as they passed, chunk framing and trailers included.
        case responseBody(TrafficBytes)
        case responseEnd
        /// Where the answer ends cannot be told, nor where later ones begin: from here on the target's bytes come as
        /// `targetOpaque`. The status where the answer's head was not told, and its status line could be read.
        case responseUnreadable(HTTPResponseFault, status: Int?)
        /// Bytes from the visitor that are not interpreted: after an upgrade, or not HTTP.
        case visitorOpaque(TrafficBytes)
        /// Bytes from the target that are not interpreted.
        case targetOpaque(TrafficBytes)

        /// Who asked to wait: the visitor's side does not take more of the answer, or takes it again.
        case visitorPaused(Bool)
        /// The visitor has closed its sending half: it waits for its answer, or has left.
        case visitorHalfClosed
        /// The target does not take more of the request, or takes it again.
        case targetPaused(Bool)

        case closed(ConversationEnd)
    }
}

/// Bytes that passed: themselves while the capture wants them, else their number.
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
    /// A replay of the exchange with this number.
    case replay(of: UInt64)
}

/// Why a conversation is over.
package enum ConversationEnd: Hashable, Sendable {
    /// It has taken all that it was sent, as far as the server can tell.
    case visitorClosed
    /// It has not taken all that it was sent.
    case visitorLeft
    /// The server does not know what it has taken.
    case visitorLeftUnsure
    /// `complete` is false when the target stopped in the middle of an answer.
    case targetClosed(complete: Bool)
    case targetReset(String)
    /// No connection.
    case targetNotConnected
    /// A connection, and no TLS on it.
    case targetNotSecured
    /// The tunnel went away under it.
    case tunnelLost
    /// A limit was reached; the text says which.
    case limit(String)
    case closedByUser
}

extension ConversationEnd {
    /// - Parameter cause: what a server said of the end of its visitor; nil where it cannot say it.
    package init(visitor cause: ConversationCause?) {
        switch cause {
        case nil, .complete?: self = .visitorClosed
        case .incomplete?: self = .visitorLeft
        case .limit?: self = .limit("a limit of the server was reached: its log says which")
        default: self = .visitorLeftUnsure
        }
    }
}

/// The state of the tunnel, for whoever shows it.
package enum TunnelStatus: Hashable, Sendable {
    /// Trying to reach the server, for the `attempt`th time since it was last online (1, 2, …).
    case connecting(attempt: Int)
    /// `url` is the public URL without a final slash. ``PublicURL`` says whether it has changed.
    case online(url: String)
    /// Offline; the `attempt`th try follows in `delay`.
    case reconnecting(attempt: Int, delay: TimeAmount, reason: String)
    /// The round trip to the server, measured by ping.
    case roundTrip(TimeAmount)
    case holding(Bool)
    /// Stopped for good.
    case stopped(reason: String)
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
