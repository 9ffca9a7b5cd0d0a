import DequeModule
import NIOCore

/// The exchanges of one conversation that are under way, oldest first.
///
/// Bytes of requests belong to the newest exchange, answers to the oldest one whose answer is not complete.
struct AssembledConversation: Sendable {
    /// The path lets 1,024 requests be outstanding; more means that their answers were lost.
    static let queueLimit = 2048

    let number: ConversationNumber
    /// Nil where it was lost.
    let origin: ExchangeOrigin?
    /// Events may be missing since the last head: what is under way may be over.
    var hasGap = false

    let opened: NIODeadline?
    var connected: NIODeadline?
    var isHeld = false
    var hasBegun = false
    var failure: String?
    var visitorPausedSince: NIODeadline?
    var targetPausedSince: NIODeadline?
    var exchanges: Deque<Exchange> = []
    /// Exchanges without a final answer.
    var waiting = 0
    private let tellsProgress: Bool

    init(_ number: ConversationNumber, origin: ExchangeOrigin?, opened: NIODeadline?, tellsProgress: Bool) {
        self.number = number
        self.origin = origin
        self.opened = opened
        self.tellsProgress = tellsProgress
    }

    func tellBegan(_ index: Int, _ emit: (ExchangeUpdate) -> Void) {
        if tellsProgress { emit(.began(exchanges[index])) }
    }

    func tellChanged(_ index: Int, _ emit: (ExchangeUpdate) -> Void) {
        if tellsProgress { emit(.changed(exchanges[index])) }
    }

    func tell(_ content: @autoclosure () -> ExchangeContent, of index: Int, _ emit: (ExchangeUpdate) -> Void) {
        if tellsProgress { emit(.content(exchanges[index].number, content())) }
    }

    /// - Parameters:
    ///   - isHolding: the whole tunnel is held; a replay passes that.
    ///   - lastNumber: the number of the newest exchange of all.
    /// - Returns: how many exchanges more than before are without a final answer.
    mutating func consume(
        _ event: TrafficEvent,
        isHolding: Bool,
        lastNumber: inout UInt64,
        _ emit: (ExchangeUpdate) -> Void
    ) -> Int {
        let before = waiting
        take(event, isHolding: isHolding, lastNumber: &lastNumber, emit)
        return waiting - before
    }

    private mutating func take(
        _ event: TrafficEvent,
        isHolding: Bool,
        lastNumber: inout UInt64,
        _ emit: (ExchangeUpdate) -> Void
    ) {
        let time = event.time
        switch event.kind {
        case .held:
            isHeld = true
            for index in exchanges.indices where exchanges[index].state == .connecting { hold(index, at: time, emit) }
        case .released:
            release(at: time, emit)
        case .targetConnected:
            targetConnected(at: time, emit)
        case .targetFailed(let reason):
            failure = reason
        case .requestHead(let received, let sent):
            if hasGap { forgetUnanswered(at: time, emit) }
            endRequest(at: time, emit)
            let (method, target) = HeadLine.request(received)
            begin(at: time, isHolding: isHolding, lastNumber: &lastNumber, emit) { exchange in
                exchange.method = method
                exchange.target = target
                exchange.via = ForwardedAddress.find(in: received)
                exchange.bytesIn = received.readableBytes
            }
            tell(.requestHead(received: received, sent: sent), of: exchanges.index(before: exchanges.endIndex), emit)
        case .requestBody(let bytes):
            addRequest(bytes, emit)
        case .requestEnd:
            endRequest(at: time, emit)
        case .responseHead(let head):
            responseHead(head, at: time, isHolding: isHolding, lastNumber: &lastNumber, emit)
        case .responseBody(let bytes):
            addResponse(bytes, to: answered, emit)
        case .responseEnd:
            endResponse(at: time, emit)
        case .visitorOpaque(let bytes):
            if exchanges.last?.isOpaque != true {
                endRequest(at: time, emit)
                begin(at: time, isHolding: isHolding, lastNumber: &lastNumber, emit) { $0.isOpaque = true }
            }
            addRequest(bytes, emit)
            let newest = exchanges.index(before: exchanges.endIndex)
            tell(.opaque(fromVisitor: true, at: time), of: newest, emit)
        case .targetOpaque(let bytes):
            let index = exchanges.firstIndex { $0.isOpaque } ?? answered
            if index == nil {
                begin(at: time, isHolding: isHolding, lastNumber: &lastNumber, emit) { $0.isOpaque = true }
            }
            let last = exchanges.index(before: exchanges.endIndex)
            setState(index ?? last, .upgraded)
            addResponse(bytes, to: index ?? last, emit)
            tell(.opaque(fromVisitor: false, at: time), of: index ?? last, emit)
        case .visitorPaused(let isPaused):
            note(isPaused, in: \.visitorPausedSince, \.waitedForVisitor, of: answered, at: time)
        case .targetPaused(let isPaused):
            note(isPaused, in: \.targetPausedSince, \.waitedForTarget, of: exchanges.indices.last, at: time)
        case .tunnel, .opened, .closed:
            break
        }
    }

    /// Ends all that is under way.
    /// - Parameter reason: nil where it was lost.
    mutating func close(_ reason: ConversationEnd?, at time: NIODeadline, _ emit: (ExchangeUpdate) -> Void) {
        while let exchange = exchanges.first {
            let isComplete = exchange.times.responseEnded != nil && !exchange.isOpaque
            let endsWell = exchange.isOpaque && (reason == .visitorClosed || reason?.isTargetClosed == true)
            finish(0, isComplete || endsWell ? .finished : .aborted(abort(for: reason)), at: time, emit)
        }
    }

    mutating func release(at time: NIODeadline, _ emit: (ExchangeUpdate) -> Void) {
        isHeld = false
        for index in exchanges.indices where exchanges[index].state == .waitsForHold {
            endHold(index, at: time)
            setState(index, connected == nil ? .connecting : .waitingForAnswer)
            tellChanged(index, emit)
        }
    }
}

// MARK: - Ends

extension AssembledConversation {
    mutating func setState(_ index: Int, _ state: ExchangeState) {
        waiting += (state.isWaiting ? 1 : 0) - (exchanges[index].state.isWaiting ? 1 : 0)
        exchanges[index].state = state
    }

    mutating func finish(
        _ index: Int,
        _ state: ExchangeState,
        at time: NIODeadline,
        _ emit: (ExchangeUpdate) -> Void
    ) {
        if index == answered { note(false, in: \.visitorPausedSince, \.waitedForVisitor, of: index, at: time) }
        if exchanges[index].times.heldSince != nil { endHold(index, at: time) }
        setState(index, state)
        exchanges[index].times.ended = time
        // Almost always the first, which costs less to take out.
        emit(.finished(index == 0 ? exchanges.removeFirst() : exchanges.remove(at: index)))
    }

    func abort(for reason: ConversationEnd?) -> ExchangeAbort {
        switch reason {
        case nil: .eventsLost
        case .visitorClosed: .visitorGone
        case .targetClosed: .targetGone(nil)
        case .targetReset(let text): .targetGone(text)
        case .targetNotConnected: .targetNotConnected(failure)
        case .tunnelLost: .tunnelLost
        case .limit(let text): .limit(text)
        case .closedByUser: .closedByUser
        }
    }

    /// Adds the length of a pause to an exchange when it ends.
    mutating func note(
        _ isPaused: Bool,
        in since: WritableKeyPath<Self, NIODeadline?>,
        _ total: WritableKeyPath<ExchangeTimes, TimeAmount>,
        of index: Int?,
        at time: NIODeadline
    ) {
        guard !isPaused else {
            if self[keyPath: since] == nil { self[keyPath: since] = time }
            return
        }
        guard let start = self[keyPath: since] else { return }
        self[keyPath: since] = nil
        guard let index else { return }
        let from = max(start, exchanges[index].times.requestBegan)
        exchanges[index].times[keyPath: total] = exchanges[index].times[keyPath: total] + max(.zero, time - from)
    }
}

extension Exchange {
    /// Nothing more of the request comes: it has ended, or none was seen.
    var requestIsOver: Bool { times.requestEnded != nil || method.isEmpty }
}

extension ConversationEnd {
    var isTargetClosed: Bool {
        if case .targetClosed = self { return true }
        return false
    }
}
