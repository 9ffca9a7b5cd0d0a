import NIOCore
import TPoTTraffic
import TPoTWire

/// A conversation as a list shows it.
package struct ConversationRow: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        case waitsForHold, connecting, open
        /// Nil where the reason was lost.
        case closed(ConversationEnd?)
    }

    package let number: ConversationNumber
    package let origin: ExchangeOrigin
    package let opened: NIODeadline
    package var closed: NIODeadline?
    package var state = State.connecting
    /// Requests that it carried.
    package var requests = 0
    /// The newest exchange; nil before the first.
    package var lastExchange: UInt64?
    package var lastMethod: [UInt8] = []
    package var lastTarget: [UInt8] = []
    package var bytesIn = 0
    package var bytesOut = 0
    /// The visitor does not take more of the answer.
    package var isPausedByVisitor = false
    /// The target does not take more of the request.
    package var isPausedByTarget = false

    /// The id on the wire; nil for a replay.
    package var id: ConversationID? {
        guard case .visitor(let id, _) = origin else { return nil }
        return id
    }

    package var remote: RemoteAddress? {
        guard case .visitor(_, let remote) = origin else { return nil }
        return remote
    }

    package var isOpen: Bool { closed == nil }

    package func age(at now: NIODeadline) -> TimeAmount {
        max(.zero, (closed ?? now) - opened)
    }
}
