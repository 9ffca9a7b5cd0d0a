import NIOCore
import TPoTTraffic
import TPoTWire

extension AssembledConversation {
    mutating func responseHead(
        _ head: [UInt8],
        at time: NIODeadline,
        _ context: inout AssemblyContext,
        _ emit: Emit
    ) {
        let status = HeadLine.status(head)
        if let status, 100..<200 ~= status, status != 101 {
            guard let index = answered else { return }
            exchanges[index].bytesOut += head.count
            tell(.interimHead(head), of: index, &context, emit)
            return
        }
        if let index = answered, exchanges[index].times.responseBegan != nil, !exchanges[index].isOpaque {
            // Two heads for one request: the end between them was lost.
            finish(index, .aborted(.eventsLost), at: time, emit)
        }
        if answered == nil { begin(at: time, &context, emit) { _ in } }
        guard let index = answered else { return }
        change(index) { exchange in
            exchange.answerBegan(status, at: time)
            exchange.bytesOut += head.count
        }
        setState(index, exchanges[index].isOpaque ? .upgraded : .streaming)
        tell(.responseHead(head), of: index, &context, emit)
    }

    mutating func addResponse(
        _ bytes: TrafficBytes,
        to index: Int?,
        _ context: inout AssemblyContext,
        _ emit: Emit
    ) {
        guard let index else { return }
        exchanges[index].bytesOut += bytes.count
        tell(.responseBody(bytes), of: index, &context, emit)
    }

    /// From here on nobody can tell where an answer begins. Of the one under way what could be read is kept.
    mutating func responseUnreadable(
        _ fault: HTTPResponseFault,
        _ status: Int?,
        at time: NIODeadline,
        _ context: inout AssemblyContext,
        _ emit: Emit
    ) {
        guard unreadable == nil else { return }
        if answered == nil { begin(at: time, &context, emit) { _ in } }
        guard let index = answered else { return }
        unreadable = (fault, exchanges[index].number)
        unreadAnswerBegan(index, status, at: time)
        tellChanged(index, &context)
    }

    /// Bytes of answers that cannot be told from each other: those of the oldest request that has none, most likely.
    mutating func addUnread(
        _ bytes: TrafficBytes,
        at time: NIODeadline,
        _ context: inout AssemblyContext,
        _ emit: Emit
    ) {
        if answered == nil { begin(at: time, &context, emit) { _ in } }
        guard let index = answered else { return }
        unreadAnswerBegan(index, nil, at: time)
        addResponse(bytes, to: index, &context, emit)
    }

    private mutating func unreadAnswerBegan(_ index: Int, _ status: Int?, at time: NIODeadline) {
        guard exchanges[index].times.responseBegan == nil else { return }
        change(index) { exchange in
            if exchange.state == .waitsForHold { exchange.times.endHold(at: time) }
            exchange.status = status
            exchange.times.responseBegan = time
        }
        setState(index, .streaming)
    }

    /// The next request shows that the visitor takes the answers before it for complete.
    mutating func finishUnread(at time: NIODeadline, _ emit: Emit) {
        while let exchange = exchanges.first { finish(0, state(of: exchange, after: nil), at: time, emit) }
    }

    mutating func endResponse(at time: NIODeadline, _ context: inout AssemblyContext, _ emit: Emit) {
        guard let index = answered else { return }
        let isComplete: Bool? = change(index) { exchange in
            // Without its head it is the end of an answer that was lost.
            guard exchange.times.responseBegan != nil, !exchange.isOpaque else { return nil }
            exchange.times.responseEnded = time
            // Of a visitor that has closed its half the end of the conversation tells whether it was still there.
            return exchange.requestIsOver && exchange.times.visitorHalfClosed == nil
        }
        switch isComplete {
        case true?:
            finish(index, .finished, at: time, emit)
        case false?:
            // It came early, and the rest of the request still passes; or it may have come too late.
            answerEndedEarly()
            tellChanged(index, &context)
        case nil: break
        }
    }
}

extension Exchange {
    /// - Parameter status: of a final answer; nil where it could not be read.
    fileprivate mutating func answerBegan(_ status: Int?, at time: NIODeadline) {
        if state == .waitsForHold { times.endHold(at: time) }
        self.status = status
        times.responseBegan = time
        let isConnect = method.elementsEqual("CONNECT".utf8)
        if status == 101 || (isConnect && 200..<300 ~= status ?? 0) { isOpaque = true }
    }
}
