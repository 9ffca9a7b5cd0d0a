import DequeModule
import NIOCore
import TPoTWire

/// The open conversations and the last closed ones, in the order in which they were opened.
struct ConversationTable: Sendable {
    private typealias Rows = [ConversationNumber: ConversationRow]

    private var rows: Rows = [:]
    /// Where the row of the last event is: several events of one come together. Nil when rows have come or gone.
    private var recent: (number: ConversationNumber, place: Rows.Index)?
    /// Ascending: numbers are given in the order of opening.
    private var order: Deque<ConversationNumber> = []
    private var closed: Deque<ConversationNumber> = []
    /// Who has which id now: an id that is given again shows that the end of its last conversation was lost.
    private var wireIDs: [ConversationID: ConversationNumber] = [:]
    private(set) var open = 0
    private(set) var mostOpen = 0
    private(set) var total = 0

    var count: Int { order.count }

    subscript(number: ConversationNumber) -> ConversationRow? { rows[number] }

    /// Newest first.
    func page(from: Int, count: Int) -> [ConversationRow] {
        let end = max(0, order.count - max(0, from))
        return order[max(0, end - max(0, count))..<end].reversed().compactMap { rows[$0] }
    }

    /// - Parameter passed: with this event.
    mutating func consume(_ event: TrafficEvent, _ passed: PassedBytes) {
        let number = event.conversation
        switch event.kind {
        case .opened(let origin): open(number, origin, at: event.time)
        case .closed(let reason): close(number, reason, at: event.time)
        case .held: rows[number]?.state = .waitsForHold
        case .released where rows[number]?.state == .waitsForHold: rows[number]?.state = .connecting
        case .targetConnected: rows[number]?.state = .open
        case .visitorPaused(let isPaused): rows[number]?.isPausedByVisitor = isPaused
        case .targetPaused(let isPaused): rows[number]?.isPausedByTarget = isPaused
        case .tunnel(.reconnecting), .tunnel(.stopped):
            // Their ends come before this; whoever is still there lost his.
            for number in wireIDs.values.sorted() { close(number, nil, at: event.time) }
        default:
            guard passed != (0, 0), let place = place(of: number) else { return }
            rows.values[place].bytesIn += passed.fromVisitor
            rows.values[place].bytesOut += passed.fromTarget
        }
    }

    mutating func began(_ exchange: Exchange) {
        guard let place = place(of: exchange.conversation) else { return }
        rows.values[place].requests += 1
        rows.values[place].lastExchange = exchange.number
        rows.values[place].lastMethod = exchange.method
        rows.values[place].lastTarget = exchange.target
    }

    private mutating func place(of number: ConversationNumber) -> Rows.Index? {
        if let recent, recent.number == number { return recent.place }
        guard let place = rows.index(forKey: number) else { return nil }
        recent = (number, place)
        return place
    }

    private mutating func open(_ number: ConversationNumber, _ origin: ConversationOrigin, at time: NIODeadline) {
        if case .visitor(let id, _) = origin {
            if let forgotten = wireIDs[id] { close(forgotten, nil, at: time) }
            wireIDs[id] = number
        }
        guard rows[number] == nil else { return }
        if open >= ExchangeAssembler.conversationLimit, let oldest = order.first(where: { rows[$0]?.isOpen == true }) {
            close(oldest, nil, at: time)
        }
        recent = nil
        rows[number] = ConversationRow(number: number, origin: ExchangeOrigin(origin), opened: time)
        order.insertSorted(number)
        open += 1
        total += 1
        mostOpen = max(mostOpen, open)
    }

    private mutating func close(_ number: ConversationNumber, _ reason: ConversationEnd?, at time: NIODeadline) {
        guard let row = rows[number], row.isOpen else { return }
        if let id = row.id, wireIDs[id] == number { wireIDs[id] = nil }
        rows[number]?.closed = time
        rows[number]?.state = .closed(reason)
        rows[number]?.isPausedByVisitor = false
        rows[number]?.isPausedByTarget = false
        open -= 1
        closed.append(number)
        if closed.count > CaptureLimits.closedConversations, let oldest = closed.popFirst() { forget(oldest) }
    }

    private mutating func forget(_ number: ConversationNumber) {
        recent = nil
        rows[number] = nil
        if let place = order.place(of: number) { order.remove(at: place) }
    }
}
