import NIOCore
import TPoTTraffic
import TPoTWire

/// Assembles exchanges from events. It pairs answers with requests in order, for each conversation.
///
/// It holds unfinished exchanges only, and no bytes. After lost events it continues with the next head. An exchange
/// whose end was lost ends as ``ExchangeAbort/eventsLost``.
package struct ExchangeAssembler: Sendable {
    /// Receives the updates.
    package typealias Emit = (ExchangeUpdate) -> Void

    /// The most conversations: all that can have an id at the same time, and some replays. More means that ends were
    /// lost.
    static let conversationLimit = 70_000

    private typealias Conversations = [ConversationNumber: AssembledConversation]

    private var conversations: Conversations = [:]
    /// The current conversation of each id. Reuse of an id shows that the end of its previous conversation was lost.
    private var wireIDs: [ConversationID: ConversationNumber] = [:]
    /// The place of the last event's conversation, because events of one conversation come in runs. Nil after the table
    /// changed.
    private var recent: (number: ConversationNumber, place: Conversations.Index)?
    private var context: AssemblyContext

    /// The number of exchanges without a final answer.
    package private(set) var waiting = 0
    /// The number of open conversations.
    package var open: Int { conversations.count }

    /// The row of an open conversation; nil if it is closed or if its beginning was lost.
    func row(of number: ConversationNumber) -> ConversationRow? { conversations[number]?.row }

    /// - Parameters:
    ///   - reportsProgress: false reports finished exchanges only, which saves most of the cost of assembling.
    ///   - numbers: those of the exchanges.
    package init(reportsProgress: Bool = true, numbers: ExchangeNumbers = .counted) {
        context = AssemblyContext(reportsProgress: reportsProgress, numbers: numbers)
    }

    package mutating func consume(_ event: TrafficEvent, _ emit: Emit) {
        take(event, emit)
        reportChanges(emit)
    }

    /// Consumes an event without reporting changes. ``reportChanges(_:)`` reports them once for many events.
    mutating func take(_ event: TrafficEvent, _ emit: Emit) {
        switch event.kind {
        case .tunnel(let status):
            consume(status, at: event.time, emit)
        case .opened(let origin):
            open(event.conversation, origin, at: event.time, emit)
        case .closed(let reason):
            close(event.conversation, ending: reason, at: event.time, emit)
        default:
            forward(event, emit)
        }
    }

    mutating func reportChanges(_ emit: Emit) {
        guard !context.unreported.isEmpty else { return }
        for changed in context.unreported {
            guard let place = findPlace(of: changed.conversation) else { continue }
            let exchanges = conversations.values[place].exchanges
            let index = exchanges.firstPlace { $0.number < changed.exchange }
            // Otherwise it has finished, and that was reported already.
            guard index < exchanges.count, exchanges[index].number == changed.exchange else { continue }
            emit(.changed(exchanges[index]))
        }
        context.clearUnreported()
    }

    /// To be called after consuming a batch that reports lost events, because those came after its events. The lost
    /// events may include answers to unfinished exchanges.
    package mutating func noteLostEvents() {
        for index in conversations.values.indices { conversations.values[index].hasGap = true }
    }

    private mutating func forward(_ event: TrafficEvent, _ emit: Emit) {
        guard let place = findPlace(of: event.conversation) else {
            guard event.kind.canStartConversation else { return }
            makeRoom(at: event.time, emit)
            add(AssembledConversation(event.conversation))
            return forward(event, emit)
        }
        waiting += conversations.values[place].consume(event, &context, emit)
    }

    private mutating func findPlace(of number: ConversationNumber) -> Conversations.Index? {
        if let recent, recent.number == number { return recent.place }
        guard let place = conversations.index(forKey: number) else { return nil }
        recent = (number, place)
        return place
    }

    private mutating func add(_ conversation: AssembledConversation) {
        recent = nil
        conversations[conversation.number] = conversation
    }

    private mutating func open(
        _ number: ConversationNumber,
        _ origin: ConversationOrigin,
        at time: NIODeadline,
        _ emit: Emit
    ) {
        // Numbers are never reused. If one were, nothing must leak.
        close(number, ending: nil, at: time, emit)
        if case .visitor(let id, _) = origin {
            if let forgotten = wireIDs[id] { close(forgotten, ending: nil, at: time, emit) }
            wireIDs[id] = number
        }
        makeRoom(at: time, emit)
        let row = ConversationRow(number: number, origin: origin, opened: time)
        add(AssembledConversation(row))
        emit(.opened(row))
    }

    /// - Parameters:
    ///   - reason: nil if it was lost.
    ///   - isEndKnown: false if the reason is only what most likely happened to the exchanges under way.
    private mutating func close(
        _ number: ConversationNumber,
        ending reason: ConversationEnd?,
        isEndKnown: Bool = true,
        at time: NIODeadline,
        _ emit: Emit
    ) {
        guard let place = findPlace(of: number) else { return }
        recent = nil
        var conversation = conversations.remove(at: place).value
        if case .visitor(let id, _) = conversation.origin, wireIDs[id] == number { wireIDs[id] = nil }
        waiting -= conversation.waiting
        conversation.close(reason, isEndKnown: isEndKnown, at: time, emit)
    }

    /// Closes the older half of the conversations if there are too many. Closing many at once spreads the cost of the
    /// sort.
    private mutating func makeRoom(at time: NIODeadline, _ emit: Emit) {
        guard conversations.count >= Self.conversationLimit else { return }
        for number in conversations.keys.sorted().prefix(Self.conversationLimit / 2) {
            close(number, ending: nil, at: time, emit)
        }
    }

    private mutating func consume(_ status: TunnelStatus, at time: NIODeadline, _ emit: Emit) {
        switch status {
        case .holding(let isHolding):
            context.isHolding = isHolding
            guard !isHolding else { return }
            for index in conversations.values.indices {
                conversations.values[index].release(at: time, &context)
            }
        case .reconnecting, .stopped:
            // Conversations end before this event. If one is still open, its end was lost.
            for number in wireIDs.values.sorted() {
                close(number, ending: .tunnelLost, isEndKnown: false, at: time, emit)
            }
        case .connecting, .online, .roundTrip, .target, .holdingMatching:
            break
        }
    }
}

extension TrafficEvent.Kind {
    /// Whether the event is enough to start a conversation whose beginning was lost.
    fileprivate var canStartConversation: Bool {
        switch self {
        case .requestHead, .responseHead, .visitorOpaque, .targetOpaque: true
        default: false
        }
    }
}

/// A change to conversations and exchanges.
///
///     opened  (exchanges)*  closed                 for each conversation
///     began  (content | changed)*  finished        for each exchange; `content` has bytes, the others have values
///
/// All exchanges of a conversation finish before the conversation closes.
package enum ExchangeUpdate: Sendable {
    case opened(ConversationRow)
    case closed(ConversationRow)
    case began(Exchange)
    /// Bytes of the exchange with this number. A `changed` or `finished` with the new counts follows.
    case content(UInt64, ExchangeContent)
    case changed(Exchange)
    /// The exchange is over, complete or not. Nothing more follows for it.
    case finished(Exchange)
}

package enum ExchangeContent: Sendable {
    /// The head as the visitor sent it, and as the target got it if that differs.
    case requestHead(received: [UInt8], sent: [UInt8]?)
    case requestBody(TrafficBytes)
    /// What the target gets instead, because the user has edited the request.
    case requestEdited(head: [UInt8], body: ByteBuffer)
    case interimHead([UInt8])
    case responseHead([UInt8])
    case responseBody(TrafficBytes, at: NIODeadline)
    /// The preceding body piece was uninterpreted and passed at this time.
    case opaque(fromVisitor: Bool, at: NIODeadline)
}

/// The state that all conversations of one assembler share.
struct AssemblyContext: Sendable {
    /// False reports finished exchanges only.
    let reportsProgress: Bool
    /// The whole tunnel is held. Replays are exempt.
    var isHolding = false
    private let numbers: ExchangeNumbers
    /// The number of the newest exchange.
    private(set) var lastNumber: UInt64 = 0
    /// Exchanges with changes that were not reported yet. An exchange may be listed more than once.
    private(set) var unreported: [Unreported] = []

    struct Unreported: Equatable, Sendable {
        var conversation: ConversationNumber
        var exchange: UInt64
    }

    init(reportsProgress: Bool, numbers: ExchangeNumbers) {
        self.reportsProgress = reportsProgress
        self.numbers = numbers
    }

    mutating func takeNextNumber() -> UInt64 {
        switch numbers {
        case .counted: lastNumber += 1
        // The tables of a store rely on the order.
        case .reserved(let next): lastNumber = max(next(), lastNumber + 1)
        }
        return lastNumber
    }

    mutating func noteChange(_ exchange: UInt64, in conversation: ConversationNumber) {
        guard reportsProgress else { return }
        let changed = Unreported(conversation: conversation, exchange: exchange)
        // Changes of one exchange usually come in runs: head, body and end of an answer arrive together.
        if unreported.last != changed { unreported.append(changed) }
    }

    mutating func clearUnreported() {
        unreported.removeAll(keepingCapacity: true)
    }
}
