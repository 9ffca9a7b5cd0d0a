import NIOCore
import TPoTNetwork
import TPoTWire

/// When to ping, and when a silent peer is gone.
struct LinkLiveness {
    /// A ping goes out at least this often; the original server wants one within 30 s.
    static let pingInterval = TimeAmount.seconds(10)
    /// A peer from which no byte came for this long is gone.
    static let silenceAtMost = TimeAmount.seconds(30)

    private var lastHeard: NIODeadline
    private var lastPing: NIODeadline

    init(now: NIODeadline) {
        lastHeard = now
        lastPing = now
    }

    mutating func heard(at now: NIODeadline) { lastHeard = now }
    mutating func pinged(at now: NIODeadline) { lastPing = now }

    enum Duty: Equatable { case none, ping, giveUp }

    func duty(at now: NIODeadline) -> Duty {
        if now - lastHeard >= Self.silenceAtMost { return .giveUp }
        return now - lastPing >= Self.pingInterval ? .ping : .none
    }

    /// When ``duty(at:)`` has to be asked again at the latest.
    var next: NIODeadline { min(lastHeard + Self.silenceAtMost, lastPing + Self.pingInterval) }
}

/// Why a link ended.
package enum LinkEnd: Hashable, Sendable {
    /// The peer closed it, with the close frame's code and reason where there was one.
    case closedByPeer(code: UInt16?, reason: String)
    /// No byte came for 30 s.
    case silent
    case connectionLost(NetworkCause)
    /// What the peer sent is not the protocol; the text says what it was.
    case protocolError(String)
    case stopped
    /// A client with the lease of the name has come on another link (extension `lease`).
    case takenOver

    /// What the close frame then says.
    static let takenOverCode: UInt16 = 4181
}

extension LinkEnd {
    /// One of the two sides has stopped, and does not come back.
    var isIntended: Bool {
        switch self {
        case .closedByPeer(code: 1000, _), .stopped: true
        default: false
        }
    }
}

extension LinkEnd: CustomStringConvertible {
    package var description: String {
        switch self {
        case .closedByPeer(nil, _): "the other side closed the connection"
        case .closedByPeer(let code?, ""): "the other side closed the tunnel (\(code))"
        case .closedByPeer(let code?, let reason): "the other side closed the tunnel (\(code): \(reason))"
        case .silent: "nothing was heard for \(LinkLiveness.silenceAtMost.nanoseconds / 1_000_000_000) s"
        case .connectionLost(.closed): "the connection was closed"
        case .connectionLost(let cause): "the connection was lost: \(cause)"
        case .protocolError(let reason): "protocol error: \(reason)"
        case .stopped: "stopped"
        case .takenOver: "a client with its lease has taken the name over"
        }
    }
}

/// Who is told what comes over a link; on the link's event loop.
protocol TunnelLinkOwner: AnyObject {
    /// A message, or a slice of a data message. An error thrown ends the link with 4180.
    func linkReceived(_ message: TunnelMessage) throws
    /// Everything of this read was delivered: the moment to flush local sockets.
    func linkReadComplete()
    /// The last message of a conversation went out.
    func linkSentClosed(_ id: ConversationID)
    /// A ping came: the peer has read what was sent to it before the WebSocket began.
    func linkPinged()
    func linkRoundTrip(_ time: TimeAmount)
    /// The link is gone; called once, nothing comes after it.
    func linkEnded(_ end: LinkEnd)
}
