import DequeModule
import NIOCore
import TPoTTraffic
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
        case .held: change(number) { $0.state = .waitsForHold }
        case .released: change(number) { if $0.state == .waitsForHold { $0.state = .connecting } }
        case .targetConnected: change(number) { $0.state = .open }
        case .visitorPaused(let isPaused): change(number) { $0.isPausedByVisitor = isPaused }
        case .targetPaused(let isPaused): change(number) { $0.isPausedByTarget = isPaused }
        case .tunnel(.reconnecting), .tunnel(.stopped):
            // Their ends come before this; whoever is still there lost his.
            for number in wireIDs.values.sorted() { close(number, nil, at: event.time) }
        default:
            guard passed != (0, 0) else { return }
            change(number) { row in
                row.bytesIn += passed.fromVisitor
                row.bytesOut += passed.fromTarget
            }
        }
    }

    mutating func began(_ exchange: Exchange) {
        change(exchange.conversation) { row in
            row.requests += 1
            row.lastExchange = exchange.number
            row.lastMethod = exchange.method
            row.lastTarget = exchange.target
        }
    }

    /// In place: a change through the key would cost an allocation.
    private mutating func change(_ number: ConversationNumber, _ change: (inout ConversationRow) -> Void) {
        if let place = place(of: number) { change(&rows.values[place]) }
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
        guard let place = place(of: number), rows.values[place].isOpen else { return }
        if let id = rows.values[place].id, wireIDs[id] == number { wireIDs[id] = nil }
        change(number) { row in
            row.closed = time
            row.state = .closed(reason)
            row.isPausedByVisitor = false
            row.isPausedByTarget = false
        }
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
