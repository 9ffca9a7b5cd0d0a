import NIOCore
import TPoTTraffic
import TPoTWire

/// Makes exchanges out of events: pairs answers with requests, in order, for each conversation.
///
/// It holds no bytes, only what is open. When events are missing it goes on with the next head; what cannot be told any
/// more ends as ``ExchangeAbort/eventsLost``.
package struct ExchangeAssembler: Sendable {
    /// Takes what is told.
    package typealias Emit = (ExchangeUpdate) -> Void

    /// Conversations that are remembered: as many as can have an id, and replays. What is beyond lost its end.
    static let conversationLimit = 70_000

    private typealias Conversations = [ConversationNumber: AssembledConversation]

    private var conversations: Conversations = [:]
    /// Who has which id now: an id that is given again shows that the end of its last conversation was lost.
    private var wireIDs: [ConversationID: ConversationNumber] = [:]
    /// Where the conversation of the last event is: several events of one come together. Nil when the table has changed.
    private var recent: (number: ConversationNumber, place: Conversations.Index)?
    private var context: AssemblyContext

    /// Exchanges under way without a final answer.
    package private(set) var waiting = 0
    /// Conversations under way.
    package var open: Int { conversations.count }

    /// A conversation under way; nil where it is over, or its beginning was lost.
    func row(of number: ConversationNumber) -> ConversationRow? { conversations[number]?.row }

    /// - Parameter tellsProgress: false for whoever wants to know of an exchange only when it has finished: telling each
    ///   step is most of what assembling costs.
    package init(tellsProgress: Bool = true) {
        context = AssemblyContext(tellsProgress: tellsProgress)
    }

    package mutating func consume(_ event: TrafficEvent, _ emit: Emit) {
        take(event, emit)
        tellChanges(emit)
    }

    /// Consumes an event, and leaves what has changed with it to be told by ``tellChanges(_:)``, once for many events.
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

    mutating func tellChanges(_ emit: Emit) {
        guard !context.untold.isEmpty else { return }
        for changed in context.untold {
            guard let place = place(of: changed.conversation) else { continue }
            let exchanges = conversations.values[place].exchanges
            let index = exchanges.firstPlace { $0.number < changed.exchange }
            // Else it has finished, which was told.
            guard index < exchanges.count, exchanges[index].number == changed.exchange else { continue }
            emit(.changed(exchanges[index]))
        }
        context.everythingIsTold()
    }

    /// To be called after the batch that says that events were lost: they were those that came after it. What is under
    /// way may then have been answered without being seen.
    package mutating func eventsWereLost() {
        for index in conversations.values.indices { conversations.values[index].hasGap = true }
    }

    private mutating func forward(_ event: TrafficEvent, _ emit: Emit) {
        guard let place = place(of: event.conversation) else {
            guard event.kind.standsForConversation else { return }
            makeRoom(at: event.time, emit)
            add(AssembledConversation(event.conversation))
            return forward(event, emit)
        }
        waiting += conversations.values[place].consume(event, &context, emit)
    }

    private mutating func place(of number: ConversationNumber) -> Conversations.Index? {
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
        // Numbers are not given twice, but nothing may leak if one were.
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

    /// - Parameter reason: nil where it was lost.
    private mutating func close(
        _ number: ConversationNumber,
        ending reason: ConversationEnd?,
        at time: NIODeadline,
        _ emit: Emit
    ) {
        guard let place = place(of: number) else { return }
        recent = nil
        var conversation = conversations.remove(at: place).value
        if case .visitor(let id, _) = conversation.origin, wireIDs[id] == number { wireIDs[id] = nil }
        waiting -= conversation.waiting
        conversation.close(reason, at: time, emit)
    }

    /// Half of them at once, so that finding the oldest costs little for each.
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
            // Their ends come before this; whoever is still there lost his.
            for number in wireIDs.values.sorted() { close(number, ending: .tunnelLost, at: time, emit) }
        case .connecting, .online, .roundTrip:
            break
        }
    }
}

extension TrafficEvent.Kind {
    /// Only these can stand for a conversation whose beginning was lost.
    fileprivate var standsForConversation: Bool {
        switch self {
        case .requestHead, .responseHead, .visitorOpaque, .targetOpaque: true
        default: false
        }
    }
}

/// What an event changed.
///
///     opened  (exchanges)*  closed                 for each conversation
///     began  (content | changed)*  finished        for each exchange; content only tells bytes, the rest tells values
///
/// An exchange has finished before its conversation is closed.
package enum ExchangeUpdate: Sendable {
    case opened(ConversationRow)
    case closed(ConversationRow)
    case began(Exchange)
    /// Bytes of the exchange with this number. A `changed` or `finished` with the new counts follows.
    case content(UInt64, ExchangeContent)
    case changed(Exchange)
    /// It is over, complete or not: no more comes of it.
    case finished(Exchange)
}

package enum ExchangeContent: Sendable {
    /// As the visitor sent it, and as the target got it where that differs.
    case requestHead(received: [UInt8], sent: [UInt8]?)
    case requestBody(TrafficBytes)
    case interimHead([UInt8])
    case responseHead([UInt8])
    case responseBody(TrafficBytes)
    /// What has just been told of a body was not interpreted, and passed then.
    case opaque(fromVisitor: Bool, at: NIODeadline)
}

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
