import DequeModule
import TPoTWire

/// Assigns the ids of a tunnel's conversations.
///
/// Ids up to 32,767 are preferred, because the original client reads ids as signed.
/// The least recently ended id is reused first, because that client stops when an id comes back too soon.
/// Higher ids are used only while all of the lower ones are open.
struct ConversationIDs: Sendable {
    private static let highestPlain: ConversationID = 32_767

    private struct Range: Sendable {
        /// The next id that has not been used yet; 0 if all have been.
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

    /// Returns nil if 65,535 conversations are open.
    mutating func take() -> ConversationID? { plain.take() ?? high.take() }

    /// Frees the id of an ended conversation. Call this once for each id taken.
    mutating func end(_ id: ConversationID) {
        if id <= Self.highestPlain { plain.ended.append(id) } else { high.ended.append(id) }
    }
}
