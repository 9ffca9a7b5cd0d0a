import NIOCore
import TPoTTraffic
import TPoTWire

/// The unfinished exchanges of one conversation, oldest first.
///
/// Request bytes belong to the newest exchange. Answers belong to the oldest exchange whose answer is not complete.
struct AssembledConversation: Sendable {
    typealias Emit = ExchangeAssembler.Emit

    /// The tunnel allows 1,024 outstanding requests. More than that means that answers were lost.
    static let queueLimit = 2048

    let number: ConversationNumber
    /// The row for the list; nil if the beginning of the conversation was lost.
    private(set) var row: ConversationRow?
    /// Events may be missing since the last head, so unfinished exchanges may in fact be over.
    var hasGap = false

    @OptionalDeadline var connected: NIODeadline?
    var isHeld = false
    var hasBegun = false
    var failure: String?
    /// Why answers can no longer be read, and the first exchange affected; nil while they can be read.
    var unreadable: (fault: HTTPResponseFault, exchange: UInt64)?
    @OptionalDeadline var visitorPausedSince: NIODeadline?
    @OptionalDeadline var targetPausedSince: NIODeadline?
    @OptionalDeadline var visitorHalfClosed: NIODeadline?
    var exchanges = ExchangeQueue()
    /// The number of exchanges whose answer is complete before the request or the outcome is. They come first in the
    /// queue, because answers come in order.
    private var earlyAnswers = 0
    /// Exchanges without a final answer.
    private(set) var waiting = 0

    init(_ row: ConversationRow) {
        number = row.number
        self.row = row
    }

    /// A conversation whose beginning was lost.
    init(_ number: ConversationNumber) {
        self.number = number
    }

    var origin: ConversationOrigin? { row?.origin }
    var opened: NIODeadline? { row?.opened }

    func reportChange(_ index: Int, _ context: inout AssemblyContext) {
        guard context.reportsProgress else { return }
        context.noteChange(exchanges[index].number, in: number)
    }

    func report(
        _ content: @autoclosure () -> ExchangeContent,
        of index: Int,
        _ context: inout AssemblyContext,
        _ emit: Emit
    ) {
        guard context.reportsProgress else { return }
        emit(.content(exchanges[index].number, content()))
        context.noteChange(exchanges[index].number, in: number)
    }

    /// - Returns: the change in the number of exchanges without a final answer.
    mutating func consume(_ event: TrafficEvent, _ context: inout AssemblyContext, _ emit: Emit) -> Int {
        let before = waiting
        row?.note(event.kind)
        take(event.kind, at: event.time, &context, emit)
        return waiting - before
    }

    private mutating func take(
        _ kind: TrafficEvent.Kind,
        at time: NIODeadline,
        _ context: inout AssemblyContext,
        _ emit: Emit
    ) {
        switch kind {
        case .held:
            isHeld = true
            for index in exchanges.indices where exchanges[index].state == .connecting {
                hold(index, at: time, &context)
            }
        case .released:
            release(at: time, &context)
        case .requestHeld(let id, let isMatch):
            guard let index = exchanges.indices.last else { return }
            exchanges[index].hold = RequestHold(id: id, isMatch: isMatch)
            hold(index, at: time, &context)
        case .requestReleased(let id):
            guard let index = exchanges.firstIndex(where: { $0.hold?.id == id }) else { return }
            release(index, at: time, &context)
        case .requestEdited(let id, let head, let body):
            guard let index = exchanges.firstIndex(where: { $0.hold?.id == id }) else { return }
            exchanges[index].isEdited = true
            report(.requestEdited(head: head, body: body), of: index, &context, emit)
        case .targetConnected:
            noteTargetConnected(at: time, &context)
        case .targetFailed(let reason):
            failure = reason
        case .requestHead(let received, let sent):
            if hasGap { forgetUnanswered(at: time, emit) }
            if unreadable != nil { finishUnread(at: time, emit) }
            endRequest(at: time, &context, emit)
            begin(at: time, &context, emit) { exchange in
                (exchange.method, exchange.target) = HeadLine.request(received)
                exchange.via = ForwardedAddress.find(in: received)
                exchange.bytesIn = received.count
            }
            let index = exchanges.index(before: exchanges.endIndex)
            report(.requestHead(received: received, sent: sent), of: index, &context, emit)
        case .requestBody(let bytes):
            addRequest(bytes, &context, emit)
        case .requestEnd:
            endRequest(at: time, &context, emit)
        case .responseHead(let head):
            takeResponseHead(head, at: time, &context, emit)
        case .responseBody(let bytes):
            addResponse(bytes, to: answerIndex, at: time, &context, emit)
        case .responseEnd:
            endResponse(at: time, &context, emit)
        case .visitorOpaque(let bytes):
            if exchanges.last?.isOpaque != true {
                endRequest(at: time, &context, emit)
                begin(at: time, &context, emit) { $0.isOpaque = true }
            }
            addRequest(bytes, &context, emit)
            let newest = exchanges.index(before: exchanges.endIndex)
            report(.opaque(fromVisitor: true, at: time), of: newest, &context, emit)
        case .responseUnreadable(let fault, let status):
            takeUnreadableResponse(fault, status, at: time, &context, emit)
        case .targetOpaque(let bytes) where unreadable != nil:
            addUnread(bytes, at: time, &context, emit)
        case .targetOpaque(let bytes):
            let index = exchanges.firstIndex { $0.isOpaque } ?? answerIndex
            if index == nil { begin(at: time, &context, emit) { $0.isOpaque = true } }
            let last = exchanges.index(before: exchanges.endIndex)
            setState(index ?? last, .upgraded)
            addResponse(bytes, to: index ?? last, at: time, &context, emit)
            report(.opaque(fromVisitor: false, at: time), of: index ?? last, &context, emit)
        case .visitorPaused(true):
            if visitorPausedSince == nil { visitorPausedSince = time }
        case .visitorPaused(false):
            endVisitorPause(answerIndex, at: time)
        case .visitorHalfClosed:
            visitorHalfClosed = time
            for index in exchanges.indices {
                exchanges[index].times.visitorHalfClosed = time
                reportChange(index, &context)
            }
        case .targetPaused(true):
            if targetPausedSince == nil { targetPausedSince = time }
        case .targetPaused(false):
            endTargetPause(at: time)
        case .tunnel, .opened, .closed:
            break
        }
    }

    /// Ends all unfinished exchanges and the conversation.
    /// - Parameter reason: nil if it was lost.
    mutating func close(_ reason: ConversationEnd?, isEndKnown: Bool, at time: NIODeadline, _ emit: Emit) {
        while let exchange = exchanges.first { finish(0, state(of: exchange, after: reason), at: time, emit) }
        row?.close(isEndKnown ? reason : nil, at: time)
        if let row { emit(.closed(row)) }
    }

    /// The final state of an exchange that had not finished when the conversation ended.
    func state(of exchange: Exchange, after reason: ConversationEnd?) -> ExchangeState {
        let isComplete = exchange.times.responseEnded != nil && !exchange.isOpaque
        if exchange.times.visitorHalfClosed != nil, !exchange.isOpaque {
            // The first cause counts: the visitor closed its half before anything else went wrong.
            switch reason {
            case .visitorClosed where isComplete, .targetClosed where isComplete: return .finished
            case .visitorLeftUnsure where isComplete, .tunnelLost where isComplete, nil where isComplete:
                return .aborted(.visitorGoneUnsure)
            case nil, .limit, .closedByUser: break
            default: return .aborted(.visitorGone)
            }
        }
        if isComplete { return .finished }
        if exchange.isOpaque, reason?.isVisitorClosed == true || reason?.isTargetClosed == true { return .finished }
        if let unreadable, exchange.times.responseBegan != nil {
            return .aborted(.answerUnread(unreadable.exchange == exchange.number ? unreadable.fault : nil))
        }
        return .aborted(abort(for: reason))
    }
}

// MARK: - The queue

extension AssembledConversation {
    /// The index of the oldest exchange whose answer is not complete.
    var answerIndex: Int? { earlyAnswers < exchanges.count ? earlyAnswers : nil }

    @discardableResult
    @inline(__always)
    mutating func change<Result>(_ index: Int, _ change: (inout Exchange) -> Result) -> Result {
        change(&exchanges[index])
    }

    mutating func setState(_ index: Int, _ state: ExchangeState) {
        waiting += (state.isWaiting ? 1 : 0) - (exchanges[index].state.isWaiting ? 1 : 0)
        exchanges[index].state = state
    }

    mutating func append(_ exchange: Exchange) {
        row?.noteBegin(exchange)
        exchanges.append(exchange)
        if exchange.state.isWaiting { waiting += 1 }
    }

    /// Notes that the answer of the exchange at ``answerIndex`` is complete while the exchange is not.
    mutating func noteEarlyAnswerEnd() { earlyAnswers += 1 }
}

// MARK: - Ends

extension AssembledConversation {
    mutating func finish(_ index: Int, _ state: ExchangeState, at time: NIODeadline, _ emit: Emit) {
        if visitorPausedSince != nil, index == answerIndex, exchanges[index].times.responseEnded == nil {
            endVisitorPause(index, at: time)
        }
        setState(index, state)
        change(index) { exchange in
            exchange.times.endHold(at: time)
            exchange.hold = nil
            exchange.times.ended = time
        }
        if index < earlyAnswers { earlyAnswers -= 1 }
        emit(.finished(exchanges.remove(at: index)))
    }

    func abort(for reason: ConversationEnd?) -> ExchangeAbort {
        switch reason {
        case nil: .eventsLost
        case .visitorClosed, .visitorLeft: .visitorGone
        case .visitorLeftUnsure: .visitorGoneUnsure
        case .targetClosed: .targetGone(nil)
        case .targetReset(let text): .targetGone(text)
        case .targetNotConnected: .targetNotConnected(failure)
        case .targetNotSecured: .targetNotSecured(failure)
        case .tunnelLost: .tunnelLost
        case .limit(let text): .limit(text)
        case .closedByUser: .closedByUser
        }
    }

    /// Ends a pause and adds its length to the exchange at `index`.
    private mutating func endVisitorPause(_ index: Int?, at time: NIODeadline) {
        guard let start = visitorPausedSince else { return }
        visitorPausedSince = nil
        guard let index else { return }
        change(index) { $0.times.waitedForVisitor += $0.times.wait(since: start, until: time) }
    }

    private mutating func endTargetPause(at time: NIODeadline) {
        guard let start = targetPausedSince else { return }
        targetPausedSince = nil
        guard let index = exchanges.indices.last else { return }
        change(index) { $0.times.waitedForTarget += $0.times.wait(since: start, until: time) }
    }
}

extension ExchangeTimes {
    /// The part of a pause that fell into this exchange.
    fileprivate func wait(since start: NIODeadline, until end: NIODeadline) -> TimeAmount {
        max(.zero, end - max(start, requestBegan))
    }

    mutating func endHold(at time: NIODeadline) {
        guard heldSince != nil else { return }
        held = held(at: time)
        heldSince = nil
    }
}

extension Exchange {
    /// The request has ended, or none was seen.
    /// Inlined because a call would copy the exchange.
    @inline(__always)
    var requestIsOver: Bool { times.requestEnded != nil || method.isEmpty }
}

extension ConversationEnd {
    var isVisitorClosed: Bool {
        switch self {
        case .visitorClosed, .visitorLeft, .visitorLeftUnsure: true
        default: false
        }
    }

    var isTargetClosed: Bool {
        if case .targetClosed = self { return true }
        return false
    }
}
