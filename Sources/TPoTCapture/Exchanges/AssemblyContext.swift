import NIOCore
import TPoTTraffic

/// What the conversations of one assembler share.
struct AssemblyContext: Sendable {
    /// False for whoever only wants to know what has finished.
    let tellsProgress: Bool
    /// The whole tunnel is held; a replay passes that.
    var isHolding = false
    /// The number of the newest exchange of all.
    private(set) var lastNumber: UInt64 = 0
    /// Exchanges whose values were not told since they changed; one may be in it more than once.
    private(set) var untold: [Untold] = []

    struct Untold: Equatable, Sendable {
        var conversation: ConversationNumber
        var exchange: UInt64
    }

    init(tellsProgress: Bool) {
        self.tellsProgress = tellsProgress
    }

    mutating func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    mutating func changed(_ exchange: UInt64, in conversation: ConversationNumber) {
        guard tellsProgress else { return }
        let changed = Untold(conversation: conversation, exchange: exchange)
        // Several in a row are the rule: head, body and end of an answer come together.
        if untold.last != changed { untold.append(changed) }
    }

    mutating func everythingIsTold() {
        untold.removeAll(keepingCapacity: true)
    }
}
