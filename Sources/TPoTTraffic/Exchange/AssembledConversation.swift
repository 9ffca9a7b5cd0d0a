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

    private let opened: NIODeadline?
    private var connected: NIODeadline?
    private var isHeld = false
    private var hasBegun = false
    private var failure: String?
    private var visitorPausedSince: NIODeadline?
    private var targetPausedSince: NIODeadline?
    private var exchanges: Deque<Exchange> = []
    /// Exchanges without a final answer.
    private(set) var waiting = 0

    init(_ number: ConversationNumber, origin: ExchangeOrigin?, opened: NIODeadline?) {
        self.number = number
        self.origin = origin
        self.opened = opened
    }

    /// - Parameters:
    ///   - isHolding: the whole tunnel is held; a replay passes that.
    ///   - lastNumber: the number of the newest exchange of all.
    mutating func consume(
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
            emit(.content(lastNumber, .requestHead(received: received, sent: sent)))
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
        case .targetOpaque(let bytes):
            let index = exchanges.firstIndex { $0.isOpaque } ?? answered
            if index == nil {
                begin(at: time, isHolding: isHolding, lastNumber: &lastNumber, emit) { $0.isOpaque = true }
            }
            let last = exchanges.index(before: exchanges.endIndex)
            setState(index ?? last, .upgraded)
            addResponse(bytes, to: index ?? last, emit)
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
            emit(.changed(exchanges[index]))
        }
    }
}

// MARK: - Requests

extension AssembledConversation {
    private mutating func begin(
        at time: NIODeadline,
        isHolding: Bool,
        lastNumber: inout UInt64,
        _ emit: (ExchangeUpdate) -> Void,
        _ fill: (inout Exchange) -> Void
    ) {
        if exchanges.count >= Self.queueLimit { finish(0, .aborted(.eventsLost), at: time, emit) }
        lastNumber += 1
        var times = ExchangeTimes(opened: opened, requestBegan: time)
        if !hasBegun { times.connected = connected }
        hasBegun = true
        let waitsForHold = isHeld || (isHolding && !isReplay)
        if waitsForHold { times.heldSince = time }
        var exchange = Exchange(
            number: lastNumber,
            conversation: number,
            origin: origin,
            state: waitsForHold ? .waitsForHold : connected == nil ? .connecting : .waitingForAnswer,
            times: times
        )
        fill(&exchange)
        exchanges.append(exchange)
        waiting += 1
        emit(.began(exchange))
    }

    private var isReplay: Bool {
        if case .replay = origin { return true }
        return false
    }

    private mutating func hold(_ index: Int, at time: NIODeadline, _ emit: (ExchangeUpdate) -> Void) {
        exchanges[index].times.heldSince = time
        setState(index, .waitsForHold)
        emit(.changed(exchanges[index]))
    }

    private mutating func endHold(_ index: Int, at time: NIODeadline) {
        exchanges[index].times.held = exchanges[index].times.held(at: time)
        exchanges[index].times.heldSince = nil
    }

    private mutating func targetConnected(at time: NIODeadline, _ emit: (ExchangeUpdate) -> Void) {
        connected = time
        guard !exchanges.isEmpty else { return }
        exchanges[0].times.connected = time
        for index in exchanges.indices where exchanges[index].state == .connecting {
            setState(index, .waitingForAnswer)
            emit(.changed(exchanges[index]))
        }
    }

    private mutating func addRequest(_ bytes: TrafficBytes, _ emit: (ExchangeUpdate) -> Void) {
        guard let index = exchanges.indices.last, exchanges[index].isOpaque || !exchanges[index].requestIsOver else {
            return
        }
        exchanges[index].bytesIn += bytes.count
        emit(.content(exchanges[index].number, .requestBody(bytes)))
        emit(.changed(exchanges[index]))
    }

    private mutating func endRequest(at time: NIODeadline, _ emit: (ExchangeUpdate) -> Void) {
        guard let index = exchanges.indices.last, !exchanges[index].requestIsOver, !exchanges[index].isOpaque else {
            return
        }
        exchanges[index].times.requestEnded = time
        if exchanges[index].times.responseEnded != nil {
            finish(index, .finished, at: time, emit)
        } else {
            emit(.changed(exchanges[index]))
        }
    }

    /// After a gap a new request most likely means that those before have been answered: pipelining is rare.
    private mutating func forgetUnanswered(at time: NIODeadline, _ emit: (ExchangeUpdate) -> Void) {
        hasGap = false
        while !exchanges.isEmpty { finish(0, .aborted(.eventsLost), at: time, emit) }
    }
}

// MARK: - Answers

extension AssembledConversation {
    /// The oldest exchange whose answer is not complete.
    private var answered: Int? { exchanges.firstIndex { $0.times.responseEnded == nil } }

    private mutating func responseHead(
        _ head: ByteBuffer,
        at time: NIODeadline,
        isHolding: Bool,
        lastNumber: inout UInt64,
        _ emit: (ExchangeUpdate) -> Void
    ) {
        let status = HeadLine.status(head)
        if let status, 100..<200 ~= status, status != 101 {
            guard let index = answered else { return }
            exchanges[index].bytesOut += head.readableBytes
            emit(.content(exchanges[index].number, .interimHead(head)))
            emit(.changed(exchanges[index]))
            return
        }
        if let index = answered, exchanges[index].times.responseBegan != nil, !exchanges[index].isOpaque {
            // Two heads for one request: the end between them was lost.
            finish(index, .aborted(.eventsLost), at: time, emit)
        }
        if answered == nil { begin(at: time, isHolding: isHolding, lastNumber: &lastNumber, emit) { _ in } }
        guard let index = answered else { return }
        if exchanges[index].state == .waitsForHold { endHold(index, at: time) }
        exchanges[index].status = status
        exchanges[index].times.responseBegan = time
        exchanges[index].bytesOut += head.readableBytes
        let isConnect = exchanges[index].method.elementsEqual("CONNECT".utf8)
        if status == 101 || (isConnect && 200..<300 ~= status ?? 0) { exchanges[index].isOpaque = true }
        setState(index, exchanges[index].isOpaque ? .upgraded : .streaming)
        emit(.content(exchanges[index].number, .responseHead(head)))
        emit(.changed(exchanges[index]))
    }

    private mutating func addResponse(_ bytes: TrafficBytes, to index: Int?, _ emit: (ExchangeUpdate) -> Void) {
        guard let index else { return }
        exchanges[index].bytesOut += bytes.count
        emit(.content(exchanges[index].number, .responseBody(bytes)))
        emit(.changed(exchanges[index]))
    }

    private mutating func endResponse(at time: NIODeadline, _ emit: (ExchangeUpdate) -> Void) {
        // Without its head it is the end of an answer that was lost.
        guard let index = answered, exchanges[index].times.responseBegan != nil, !exchanges[index].isOpaque else {
            return
        }
        exchanges[index].times.responseEnded = time
        // An answer that came early: the rest of the request still passes.
        if exchanges[index].requestIsOver {
            finish(index, .finished, at: time, emit)
        } else {
            emit(.changed(exchanges[index]))
        }
    }
}

// MARK: - Ends

extension AssembledConversation {
    private mutating func setState(_ index: Int, _ state: ExchangeState) {
        waiting += (state.isWaiting ? 1 : 0) - (exchanges[index].state.isWaiting ? 1 : 0)
        exchanges[index].state = state
    }

    private mutating func finish(
        _ index: Int,
        _ state: ExchangeState,
        at time: NIODeadline,
        _ emit: (ExchangeUpdate) -> Void
    ) {
        if index == answered { note(false, in: \.visitorPausedSince, \.waitedForVisitor, of: index, at: time) }
        if exchanges[index].times.heldSince != nil { endHold(index, at: time) }
        setState(index, state)
        exchanges[index].times.ended = time
        emit(.finished(exchanges.remove(at: index)))
    }

    private func abort(for reason: ConversationEnd?) -> ExchangeAbort {
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
    private mutating func note(
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
    fileprivate var requestIsOver: Bool { times.requestEnded != nil || method.isEmpty }
}

extension ConversationEnd {
    fileprivate var isTargetClosed: Bool {
        if case .targetClosed = self { return true }
        return false
    }
}
