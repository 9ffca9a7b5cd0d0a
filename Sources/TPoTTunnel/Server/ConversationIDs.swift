import DequeModule
import TPoTWire

/// Gives out the ids of a tunnel's conversations.
///
/// 1…32,767, the least recently ended first, because the original client reads ids as signed and stops when one comes
/// back too soon; the others only while all those are open.
struct ConversationIDs: Sendable {
    private static let highestPlain: ConversationID = 32_767

    private struct Range: Sendable {
        /// The next id that was never used; 0 when all were.
        var next: ConversationID
        let last: ConversationID
        var ended = Deque<ConversationID>()

        mutating func take() -> ConversationID? {
            guard next != 0 else { return ended.popFirst() }
            defer { next = next == last ? 0 : next + 1 }
            return next
        }
    }

    private var plain = Range(next: 1, last: highestPlain)
    private var high = Range(next: highestPlain + 1, last: .max)

    /// nil when 65,535 conversations are open.
    mutating func take() -> ConversationID? { plain.take() ?? high.take() }

    /// The conversation has ended. To be called once for each id taken.
    mutating func end(_ id: ConversationID) {
        if id <= Self.highestPlain { plain.ended.append(id) } else { high.ended.append(id) }
    }
}
