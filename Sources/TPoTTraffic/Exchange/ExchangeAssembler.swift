import NIOCore
import TPoTWire

/// Makes exchanges out of events: pairs answers with requests, in order, for each conversation.
///
/// It holds no bytes, only what is open. When events are missing it goes on with the next head; what cannot be told any
/// more ends as ``ExchangeAbort/eventsLost``.
package struct ExchangeAssembler: Sendable {
    /// Conversations that are remembered: as many as can have an id, and replays. What is beyond lost its end.
    static let conversationLimit = 70_000

    private var conversations: [ConversationNumber: AssembledConversation] = [:]
    /// Who has which id now: an id that is given again shows that the end of its last conversation was lost.
    private var wireIDs: [ConversationID: ConversationNumber] = [:]
    private var lastNumber: UInt64 = 0
    private var isHolding = false
    private let tellsProgress: Bool

    /// Exchanges under way without a final answer.
    package private(set) var waiting = 0
    /// Conversations under way.
    package var open: Int { conversations.count }

    /// - Parameter tellsProgress: false for whoever wants to know of an exchange only when it has finished: telling each
    ///   step is most of what assembling costs.
    package init(tellsProgress: Bool = true) {
        self.tellsProgress = tellsProgress
    }

    package mutating func consume(_ event: TrafficEvent, _ emit: (ExchangeUpdate) -> Void) {
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

    /// To be called after the batch that says that events were lost: they were those that came after it. What is under
    /// way may then have been answered without being seen.
    package mutating func eventsWereLost() {
        for index in conversations.values.indices { conversations.values[index].hasGap = true }
    }

    private mutating func forward(_ event: TrafficEvent, _ emit: (ExchangeUpdate) -> Void) {
        guard let index = conversations.index(forKey: event.conversation) else {
            guard event.kind.standsForConversation else { return }
            makeRoom(at: event.time, emit)
            conversations[event.conversation] = assembled(event.conversation, origin: nil, opened: nil)
            return forward(event, emit)
        }
        waiting += conversations.values[index].consume(event, isHolding: isHolding, lastNumber: &lastNumber, emit)
    }

    private mutating func open(
        _ number: ConversationNumber,
        _ origin: ConversationOrigin,
        at time: NIODeadline,
        _ emit: (ExchangeUpdate) -> Void
    ) {
        // Numbers are not given twice, but nothing may leak if one were.
        close(number, ending: nil, at: time, emit)
        if case .visitor(let id, _) = origin {
            if let forgotten = wireIDs[id] { close(forgotten, ending: nil, at: time, emit) }
            wireIDs[id] = number
        }
        makeRoom(at: time, emit)
        conversations[number] = assembled(number, origin: ExchangeOrigin(origin), opened: time)
    }

    private func assembled(
        _ number: ConversationNumber,
        origin: ExchangeOrigin?,
        opened: NIODeadline?
    ) -> AssembledConversation {
        AssembledConversation(number, origin: origin, opened: opened, tellsProgress: tellsProgress)
    }

    /// - Parameter reason: nil where it was lost.
    private mutating func close(
        _ number: ConversationNumber,
        ending reason: ConversationEnd?,
        at time: NIODeadline,
        _ emit: (ExchangeUpdate) -> Void
    ) {
        guard var conversation = conversations.removeValue(forKey: number) else { return }
        if case .visitor(let id, _) = conversation.origin, wireIDs[id] == number { wireIDs[id] = nil }
        waiting -= conversation.waiting
        conversation.close(reason, at: time, emit)
    }

    /// Half of them at once, so that finding the oldest costs little for each.
    private mutating func makeRoom(at time: NIODeadline, _ emit: (ExchangeUpdate) -> Void) {
        guard conversations.count >= Self.conversationLimit else { return }
        for number in conversations.keys.sorted().prefix(Self.conversationLimit / 2) {
            close(number, ending: nil, at: time, emit)
        }
    }

    private mutating func consume(_ status: TunnelStatus, at time: NIODeadline, _ emit: (ExchangeUpdate) -> Void) {
        switch status {
        case .holding(let isHolding):
            self.isHolding = isHolding
            guard !isHolding else { return }
            for index in conversations.values.indices {
                conversations.values[index].release(at: time, emit)
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
