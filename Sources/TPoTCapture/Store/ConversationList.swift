import DequeModule
import TPoTTraffic

/// The conversations of the list in order of opening: the open ones, whose rows the ``ExchangeAssembler`` has, and the
/// last closed ones.
struct ConversationList: Sendable {
    /// All listed numbers, ascending. Numbers are assigned in order of opening.
    private var order: Deque<ConversationNumber> = []
    private var closedRows: [ConversationNumber: ConversationRow] = [:]
    /// The closed conversations in order of closing.
    private var closed: Deque<ConversationNumber> = []
    private(set) var mostOpen = 0
    private(set) var total = 0

    var count: Int { order.count }
    var open: Int { order.count - closed.count }

    func closedRow(_ number: ConversationNumber) -> ConversationRow? { closedRows[number] }

    /// A page of the list, newest first.
    func numbers(from: Int, count: Int) -> [ConversationNumber] {
        let end = max(0, order.count - max(0, from))
        return order[max(0, end - max(0, count))..<end].reversed()
    }

    mutating func add(_ row: ConversationRow) {
        guard order.place(of: row.number) == nil else { return }
        order.insertSorted(row.number)
        total += 1
        mostOpen = max(mostOpen, open)
    }

    mutating func close(_ row: ConversationRow) {
        guard closedRows[row.number] == nil, order.place(of: row.number) != nil else { return }
        closedRows[row.number] = row
        closed.append(row.number)
        guard closed.count > CaptureLimits.closedConversations, let oldest = closed.popFirst() else { return }
        closedRows[oldest] = nil
        if let place = order.place(of: oldest) { order.remove(at: place) }
    }
}
