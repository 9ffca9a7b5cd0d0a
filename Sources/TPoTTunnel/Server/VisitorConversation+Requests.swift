import Logging
import NIOCore
import TPoTWire

/// Carries out the steps that the visitor's requests need.
extension VisitorConversation {
    /// Carries out the steps that the received requests need, as far as they may proceed now.
    func takeSteps() {
        while !machine.isLeaving, let handler,
            let step = requests.next(conditions(handler), isAwaited: { server.isAwaited($0) })
        {
            switch step {
            case .send(let bytes):
                if let flow, machine.isOpen { tunnel?.sender?.send(bytes, flow) }
            case .open(let name, let head):
                open(name, for: head)
            case .wait(let name, let head):
                awaitTunnel(name, for: head)
            case .serve(let head):
                handOver(head)
            case .refuse(let answer):
                answerOurselves(answer)
            case .reset:
                tunnel?.noteRefusedAnswer("a request for another host came while its answer was due")
                perform(machine.crossed(), "a request for another host came while an answer was due")
            }
        }
        if machine.isEndDeferred, machine.isOpen {
            perform(machine.visitorEnded(requests.reading), "the visitor closed its side")
        }
    }

    private func conditions(_ handler: VisitorHandler) -> VisitorRequests.Conditions {
        VisitorRequests.Conditions(
            hasVisitorCaughtUp: handler.writer.waitingBytes == 0,
            isServerStopping: server.isStopping
        )
    }

    private func open(_ name: Subdomain, for head: HTTPRequestHead) {
        leaveConversation("the visitor's next request is for another tunnel")
        guard let found = server.tunnel(named: name) else {
            answerOurselves(ServerAnswer(status: 503, detail: "tunnel not found", to: head))
            return
        }
        guard let opened = found.open(for: self, from: remote) else {
            answerOurselves(ServerAnswer(status: 503, detail: "too many open conversations", to: head))
            return
        }
        tunnel = found
        flow = opened
        (dataBytes, dataTotal) = (0, nil)
        budgetShare.change(to: [server.budget, found.budget], of: self)
        machine.opened(knowsHalf: found.link?.extensions.contains(.half) == true)
        handler?.stopHeadTimer()
        found.logger.debug(
            "conversation opened",
            metadata: ["conversation": "\(opened.id)", "visitor": "\(visitor(of: head))"]
        )
    }

    private func leaveConversation(_ cause: StaticString) {
        perform(machine.left(), cause)
    }

    /// Answers in the target's place and closes. If the answer is nil, it only closes.
    func answerOurselves(_ answer: ServerAnswer?) {
        leaveConversation("the server answers in the target's place")
        if let answer {
            handler?.write(answer.bytes)
            server.logger.debug(
                "answered \(answer.status): \(answer.detail)",
                metadata: ["visitor": "\(visitor(of: answer.request))"]
            )
        }
        perform(machine.answeredByServer(), "the server answers")
    }

    /// An answer by the server itself to the oldest unanswered request.
    func ownAnswer(_ status: Int, _ detail: String, retryAfter: Int? = nil) -> ServerAnswer {
        var answer = ServerAnswer(status: status, detail: detail, hasBody: !requests.isHeadDue)
        answer.retryAfter = retryAfter
        return answer
    }

    /// Gives this connection to NIO's HTTP server, from this request on.
    private func handOver(_ head: HTTPRequestHead) {
        leaveConversation("the visitor's next request is for the server itself")
        handler?.stopHeadTimer()
        var bytes = head.raw
        var rest = requests.takeHeldBytes()
        bytes.writeBuffer(&rest)
        handler?.handOver(to: server, bytes)
    }

    /// For the log.
    private func visitor(of head: HTTPRequestHead?) -> ClientAddress {
        let forwarded = head?.fields.all(named: "x-forwarded-for").map { HTTPHeaderFields.text($0) }
        return server.trustedProxies.client(peer: handler?.remoteAddress, forwardedFor: forwarded ?? [])
    }

    // MARK: A tunnel that lost its link

    private func awaitTunnel(_ name: Subdomain, for head: HTTPRequestHead) {
        leaveConversation("the visitor's next request is for another tunnel")
        guard server.awaitTunnel(name, self) else {
            var answer = ServerAnswer(status: 503, detail: "the tunnel has lost its client", to: head)
            answer.retryAfter = WaitingLimits.retryAfter
            answerOurselves(answer)
            return
        }
        handler?.stopHeadTimer()
        let timer = server.eventLoop.assumeIsolated().scheduleTask(in: WaitingLimits.time) {
            self.stopAwaiting()
            self.answerOurselves(self.ownAnswer(503, "the tunnel has lost its client, which did not come back"))
        }
        awaited = (name, timer)
        server.logger.debug(
            "a request waits for its tunnel",
            metadata: ["tunnel": "\(name)", "visitor": "\(visitor(of: head))"]
        )
    }

    func stopAwaiting() {
        guard let (name, timer) = awaited.take() else { return }
        timer.cancel()
        server.stopAwaiting(name, self)
    }

    /// The tunnel is back or will not return, or the server stops.
    func tunnelWaitEnded() {
        guard handler != nil, !machine.isLeaving else { return }
        takeSteps()
        if requests.bytesAwaitingTunnel == nil { stopAwaiting() }
        noteRequest()
        linkTakesMore()
    }
}
