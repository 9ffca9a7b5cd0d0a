import TPoTNetwork

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
