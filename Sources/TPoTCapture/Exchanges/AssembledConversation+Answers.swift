import NIOCore
import TPoTTraffic
import TPoTWire

extension AssembledConversation {
    mutating func takeResponseHead(
        _ head: [UInt8],
        at time: NIODeadline,
        _ context: inout AssemblyContext,
        _ emit: Emit
    ) {
        let status = HeadLine.status(head)
        if let status, 100..<200 ~= status, status != 101 {
            guard let index = answerIndex else { return }
            exchanges[index].bytesOut += head.count
            report(.interimHead(head), of: index, &context, emit)
            return
        }
        if let index = answerIndex, exchanges[index].times.responseBegan != nil, !exchanges[index].isOpaque {
            // A second head for the same request: the end of the first answer was lost.
            finish(index, .aborted(.eventsLost), at: time, emit)
        }
        if answerIndex == nil { begin(at: time, &context, emit) { _ in } }
        guard let index = answerIndex else { return }
        change(index) { exchange in
            exchange.beginAnswer(status, at: time)
            exchange.bytesOut += head.count
        }
        setState(index, exchanges[index].isOpaque ? .upgraded : .streaming)
        report(.responseHead(head), of: index, &context, emit)
    }

    mutating func addResponse(
        _ bytes: TrafficBytes,
        to index: Int?,
        at time: NIODeadline,
        _ context: inout AssemblyContext,
        _ emit: Emit
    ) {
        guard let index else { return }
        exchanges[index].bytesOut += bytes.count
        report(.responseBody(bytes, at: time), of: index, &context, emit)
    }

    /// From here on the beginnings of answers are unknown. The current answer keeps what could be read of it.
    mutating func takeUnreadableResponse(
        _ fault: HTTPResponseFault,
        _ status: Int?,
        at time: NIODeadline,
        _ context: inout AssemblyContext,
        _ emit: Emit
    ) {
        guard unreadable == nil else { return }
        if answerIndex == nil { begin(at: time, &context, emit) { _ in } }
        guard let index = answerIndex else { return }
        unreadable = (fault, exchanges[index].number)
        beginUnreadAnswer(index, status, at: time)
        reportChange(index, &context)
    }

    /// Adds bytes of answers that cannot be separated. They most likely belong to the oldest unanswered request.
    mutating func addUnread(
        _ bytes: TrafficBytes,
        at time: NIODeadline,
        _ context: inout AssemblyContext,
        _ emit: Emit
    ) {
        if answerIndex == nil { begin(at: time, &context, emit) { _ in } }
        guard let index = answerIndex else { return }
        beginUnreadAnswer(index, nil, at: time)
        addResponse(bytes, to: index, at: time, &context, emit)
    }

    private mutating func beginUnreadAnswer(_ index: Int, _ status: Int?, at time: NIODeadline) {
        guard exchanges[index].times.responseBegan == nil else { return }
        change(index) { exchange in
            if exchange.state == .waitsForHold { exchange.times.endHold(at: time) }
            exchange.status = status
            exchange.times.responseBegan = time
        }
        setState(index, .streaming)
    }

    /// Ends the exchanges with unreadable answers: by its next request the visitor shows that it had those answers.
    mutating func finishUnread(at time: NIODeadline, _ emit: Emit) {
        while let exchange = exchanges.first { finish(0, state(of: exchange, after: nil), at: time, emit) }
    }

    mutating func endResponse(at time: NIODeadline, _ context: inout AssemblyContext, _ emit: Emit) {
        guard let index = answerIndex else { return }
        let isComplete: Bool? = change(index) { exchange in
            // An end without a head belongs to an answer whose head was lost.
            guard exchange.times.responseBegan != nil, !exchange.isOpaque else { return nil }
            exchange.times.responseEnded = time
            // If the visitor has closed its half, only the end of the conversation shows whether it was still there.
            return exchange.requestIsOver && exchange.times.visitorHalfClosed == nil
        }
        switch isComplete {
        case true?:
            finish(index, .finished, at: time, emit)
        case false?:
            // The answer came early while the request is still being sent, or it may have come too late.
            noteEarlyAnswerEnd()
            reportChange(index, &context)
        case nil: break
        }
    }
}

extension Exchange {
    /// - Parameter status: the status of the final answer; nil if it could not be read.
    fileprivate mutating func beginAnswer(_ status: Int?, at time: NIODeadline) {
        if state == .waitsForHold { times.endHold(at: time) }
        self.status = status
        times.responseBegan = time
        let isConnect = method.elementsEqual("CONNECT".utf8)
        if status == 101 || (isConnect && 200..<300 ~= status ?? 0) { isOpaque = true }
    }
}
