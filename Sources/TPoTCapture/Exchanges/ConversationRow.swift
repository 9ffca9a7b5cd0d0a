import NIOCore
import TPoTTraffic
import TPoTWire

/// A conversation as a row of a list.
package struct ConversationRow: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        case waitsForHold, connecting, open
        /// The reason is nil if it was lost.
        case closed(ConversationEnd?)
    }

    package let number: ConversationNumber
    package let origin: ConversationOrigin
    package let opened: NIODeadline
    package var closed: NIODeadline?
    package var state = State.connecting
    /// The number of requests so far.
    package var requests = 0
    /// The number of the newest exchange; nil before the first.
    package var lastExchange: UInt64?
    package var lastMethod: [UInt8] = []
    package var lastTarget: [UInt8] = []
    package var bytesIn = 0
    package var bytesOut = 0
    /// The visitor has stopped reading the answer, so it is paused.
    package var isPausedByVisitor = false
    /// The target has stopped reading the request, so it is paused.
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

    /// Updates the row with an event.
    mutating func note(_ kind: TrafficEvent.Kind) {
        switch kind {
        case .held: state = .waitsForHold
        case .released: if state == .waitsForHold { state = .connecting }
        case .targetConnected: state = .open
        case .visitorPaused(let isPaused): isPausedByVisitor = isPaused
        case .targetPaused(let isPaused): isPausedByTarget = isPaused
        default:
            let passed = kind.passedBytes
            bytesIn += passed.fromVisitor
            bytesOut += passed.fromTarget
        }
    }

    mutating func noteBegin(_ exchange: Exchange) {
        // An answer to nothing, or bytes that are not HTTP, are exchanges without a request.
        if !exchange.method.isEmpty { requests += 1 }
        lastExchange = exchange.number
        lastMethod = exchange.method
        lastTarget = exchange.target
    }

    /// - Parameter reason: nil if it was lost.
    mutating func close(_ reason: ConversationEnd?, at time: NIODeadline) {
        closed = time
        state = .closed(reason)
        isPausedByVisitor = false
        isPausedByTarget = false
    }

    package func age(at now: NIODeadline) -> TimeAmount {
        max(.zero, (closed ?? now) - opened)
    }
}
