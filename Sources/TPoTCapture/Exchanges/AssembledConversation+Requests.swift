import NIOCore
import TPoTTraffic

extension AssembledConversation {
    mutating func begin(
        at time: NIODeadline,
        _ context: inout AssemblyContext,
        _ emit: Emit,
        _ fill: (inout Exchange) -> Void
    ) {
        if exchanges.count >= Self.queueLimit { finish(0, .aborted(.eventsLost), at: time, emit) }
        var times = ExchangeTimes(opened: opened, requestBegan: time)
        if !hasBegun { times.connected = connected }
        times.visitorHalfClosed = visitorHalfClosed
        // If the beginning of the conversation was lost, this is unknown and counts as false.
        times.neededConnection = opened != nil && connected == nil
        hasBegun = true
        let waitsForHold = isHeld || (context.isHolding && !isReplay)
        if waitsForHold { times.heldSince = time }
        var exchange = Exchange(
            number: context.takeNextNumber(),
            conversation: number,
            origin: origin,
            state: waitsForHold ? .waitsForHold : connected == nil ? .connecting : .waitingForAnswer,
            times: times
        )
        fill(&exchange)
        if context.reportsProgress { emit(.began(exchange)) }
        append(exchange)
    }

    var isReplay: Bool {
        if case .replay = origin { return true }
        return false
    }

    mutating func hold(_ index: Int, at time: NIODeadline, _ context: inout AssemblyContext) {
        exchanges[index].times.heldSince = time
        setState(index, .waitsForHold)
        reportChange(index, &context)
    }

    mutating func release(at time: NIODeadline, _ context: inout AssemblyContext) {
        isHeld = false
        for index in exchanges.indices where exchanges[index].state == .waitsForHold {
            release(index, at: time, &context)
        }
    }

    mutating func release(_ index: Int, at time: NIODeadline, _ context: inout AssemblyContext) {
        exchanges[index].times.endHold(at: time)
        exchanges[index].hold = nil
        setState(index, connected == nil ? .connecting : .waitingForAnswer)
        reportChange(index, &context)
    }

    mutating func noteTargetConnected(at time: NIODeadline, _ context: inout AssemblyContext) {
        connected = time
        guard !exchanges.isEmpty else { return }
        for index in exchanges.indices { exchanges[index].times.connected = time }
        for index in exchanges.indices where exchanges[index].state == .connecting {
            setState(index, .waitingForAnswer)
            reportChange(index, &context)
        }
    }

    mutating func addRequest(_ bytes: TrafficBytes, _ context: inout AssemblyContext, _ emit: Emit) {
        guard let index = exchanges.indices.last else { return }
        let isPart = change(index) { exchange in
            guard exchange.isOpaque || !exchange.requestIsOver else { return false }
            exchange.bytesIn += bytes.count
            return true
        }
        if isPart { report(.requestBody(bytes), of: index, &context, emit) }
    }

    mutating func endRequest(at time: NIODeadline, _ context: inout AssemblyContext, _ emit: Emit) {
        guard let index = exchanges.indices.last else { return }
        let wasAnswered: Bool? = change(index) { exchange in
            guard !exchange.requestIsOver, !exchange.isOpaque else { return nil }
            exchange.times.requestEnded = time
            return exchange.times.responseEnded != nil
        }
        switch wasAnswered {
        case true?: finish(index, .finished, at: time, emit)
        case false?: reportChange(index, &context)
        case nil: break
        }
    }

    /// Ends all unanswered exchanges after a gap. The new request most likely means that they were answered, because
    /// pipelining is rare.
    mutating func forgetUnanswered(at time: NIODeadline, _ emit: Emit) {
        hasGap = false
        while !exchanges.isEmpty { finish(0, .aborted(.eventsLost), at: time, emit) }
    }
}
