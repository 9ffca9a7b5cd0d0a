import NIOCore
import TPoTTraffic
import TPoTWire

/// One request with its response, as far as it has passed. Heads and bodies are not in it: only what a line shows.
package struct Exchange: Hashable, Sendable {
    /// Bytes of a method or a request-target that are kept here; the head has them whole.
    package static let methodLimit = 64
    package static let targetLimit = 8192

    /// 1, 2, 3, … in the order in which the requests came; never reused within a run.
    package let number: UInt64
    package let conversation: ConversationNumber
    /// Nil where the beginning of the conversation was lost.
    package let origin: ConversationOrigin?
    /// The visitor's address as a proxy in front wrote it into the request. Anyone can write it: for display only.
    package var via: String?
    /// Empty when no request was seen: an answer that nobody asked for, or bytes that are not HTTP.
    package var method: [UInt8] = []
    /// The request-target as it stood in the request line; empty when no request was seen.
    package var target: [UInt8] = []
    /// Of the final answer.
    package var status: Int?
    package var state: ExchangeState
    package var times: ExchangeTimes
    /// Bytes from the visitor: head, and body as on the wire; after an upgrade everything.
    package var bytesIn = 0
    /// Bytes to the visitor, interim heads included.
    package var bytesOut = 0
    /// After a 101, or a 2xx to CONNECT, or what never was HTTP: it lives until the conversation is over.
    package var isOpaque = false

    /// As the server saw it; nil for a replay, and where it was lost.
    package var remote: RemoteAddress? {
        guard case .visitor(_, let remote) = origin else { return nil }
        return remote
    }

    /// The status that the visitor got: the target's, or that of the server where the target could not be reached.
    package var visitorStatus: Int? {
        guard status == nil, replayOf == nil else { return status }
        switch state {
        case .aborted(.targetNotConnected), .aborted(.targetNotSecured): return 503
        default: return nil
        }
    }

    /// The exchange that this one sends again.
    package var replayOf: UInt64? {
        guard case .replay(let original) = origin else { return nil }
        return original
    }
}
