import NIOCore
import TPoTNetwork
import TPoTWire

/// Decides when to ping, and when a silent peer counts as gone.
struct LinkLiveness {
    /// The longest time between two pings. The original server expects one within 30 s.
    static let pingInterval = TimeAmount.seconds(10)
    /// A peer counts as gone if no byte came from it for this long.
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

    /// The latest time at which ``duty(at:)`` has to be called again.
    var next: NIODeadline { min(lastHeard + Self.silenceAtMost, lastPing + Self.pingInterval) }
}

/// Why a link ended.
package enum LinkEnd: Hashable, Sendable {
    /// The peer closed it; with the code and reason of its close frame, if it sent one.
    case closedByPeer(code: UInt16?, reason: String)
    /// No byte came for 30 s.
    case silent
    case connectionLost(NetworkCause)
    /// The peer broke the protocol; the text says how.
    case protocolError(String)
    case stopped
    /// A client with the lease of the name connected on another link (extension `lease`).
    case takenOver

    /// The code of the close frame for ``takenOver``.
    static let takenOverCode: UInt16 = 4181
}

extension LinkEnd {
    /// Whether one of the two sides has stopped for good.
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

/// Receives what comes over a link, on the link's event loop.
protocol TunnelLinkOwner: AnyObject {
    /// A message, or a slice of a data message. A thrown error ends the link with 4180.
    func linkReceived(_ message: TunnelMessage) throws
    /// All messages of this read were delivered: local sockets can be flushed now.
    func linkReadComplete()
    /// The conversation's last message was sent.
    func linkSentClosed(_ id: ConversationID)
    /// The peer pinged, so it has read everything that was sent to it before the WebSocket began.
    func linkPinged()
    func linkRoundTrip(_ time: TimeAmount)
    /// The link is gone. Called once, as the last call.
    func linkEnded(_ end: LinkEnd)
}
