import NIOCore
import TPoTCapture
import TPoTTraffic

/// The lines that are not about a request.
extension HeadlessPrinter {
    /// - Parameter time: `moment` in nanoseconds since 1970.
    mutating func print(_ status: TunnelStatus, _ moment: NIODeadline, at time: Int64) {
        let line = statusText.line(status, at: moment)
        switch format {
        case .text: print(line, status)
        case .json: printJSON(status, at: time)
        }
    }

    /// Standard output has what scripts read, exactly as the original client prints it.
    /// Everything else is a diagnostic.
    private mutating func print(_ line: StatusText.Line?, _ status: TunnelStatus) {
        guard case .online(let url) = status else {
            if let line { diagnostics(line.text) }
            return
        }
        if let line, statusText.urlChange != .first { diagnostics(line.text) }
        if statusText.urlChange != .same { lines += "tpot connected\n\(url)\n".utf8 }
    }

    private mutating func printJSON(_ status: TunnelStatus, at time: Int64) {
        func line(_ type: String) -> JSONLine { JSONLine(type: type, unixNanoseconds: time) }
        switch status {
        case .connecting(let attempt):
            var line = line("connecting")
            line.add("attempt", attempt)
            line.append(to: &lines)
        case .online(let url):
            var line = line("online")
            line.add("url", url)
            line.add("new", statusText.urlChange != .same)
            line.append(to: &lines)
        case .reconnecting(let attempt, let delay, let reason):
            var line = line(statusText.urlChange == nil ? "waiting" : "reconnecting")
            line.add("attempt", attempt)
            line.add("delayMs", delay.nanoseconds / 1_000_000)
            line.add("reason", reason)
            line.append(to: &lines)
        case .holding(let isHolding):
            var line = line("holding")
            line.add("on", isHolding)
            line.append(to: &lines)
        case .holdingMatching(let filter):
            var line = line("holding")
            line.add("on", true)
            line.add("filter", filter)
            line.append(to: &lines)
        case .target(.down(_, let reason)):
            var line = line("target")
            line.add("up", false)
            line.add("reason", reason)
            line.append(to: &lines)
        case .target:
            // That it is up is only news after it was down.
            guard let downTime = statusText.targetWasDownFor else { return }
            var line = line("target")
            line.add("up", true)
            line.add("downMs", downTime.nanoseconds / 1_000_000)
            line.append(to: &lines)
        case .stopped(let reason):
            var line = line("stopped")
            line.add("reason", reason)
            line.append(to: &lines)
        case .roundTrip: break
        }
    }

    mutating func print(targetFailed reason: String, in conversation: ConversationNumber, at time: Int64) {
        guard format == .json else { return diagnostics(StatusText.targetFailed(reason).text) }
        var line = JSONLine(type: "targetFailed", unixNanoseconds: time)
        line.add("conversation", conversation)
        line.add("reason", reason)
        line.append(to: &lines)
    }

    mutating func print(lost: Int, at time: Int64) {
        guard format == .json else {
            return diagnostics("\(lost) events were lost, so lines are missing: traffic was too fast to print")
        }
        var line = JSONLine(type: "lost", unixNanoseconds: time)
        line.add("events", lost)
        line.append(to: &lines)
    }
}

extension JSONLine {
    init(opened conversation: ConversationRow, at time: Int64) {
        self.init(type: "conversation", unixNanoseconds: time)
        add("event", "opened")
        add("conversation", conversation.number)
        add(conversation.origin)
    }

    /// Nil for a conversation whose end was lost; it gets no line.
    init?(closed conversation: ConversationRow, at time: Int64) {
        guard case .closed(let end?) = conversation.state, let closed = conversation.closed else { return nil }
        self.init(type: "conversation", unixNanoseconds: time)
        add("event", "closed")
        add("conversation", conversation.number)
        add(conversation.origin)
        add("requests", conversation.requests)
        add("ms", conversation.age(at: closed).nanoseconds / 1_000_000)
        add("in", conversation.bytesIn)
        add("out", conversation.bytesOut)
        add(end)
    }

    mutating func add(_ origin: ConversationOrigin) {
        switch origin {
        case .visitor(_, let remote): add("remote", remote)
        case .replay(let exchange, _): add("replayOf", exchange)
        }
    }

    mutating func add(_ end: ConversationEnd) {
        switch end {
        case .visitorClosed: add("why", "visitor-closed")
        case .visitorLeft: add("why", "visitor-left")
        case .visitorLeftUnsure: add("why", "visitor-left-unsure")
        case .targetClosed(let complete): add("why", complete ? "target-closed" : "target-gone")
        case .targetReset(let reason):
            add("why", "target-gone")
            add("reason", reason)
        case .targetNotConnected: add("why", "target-refused")
        case .targetNotSecured: add("why", "target-tls")
        case .tunnelLost: add("why", "tunnel-lost")
        case .limit(let reason):
            add("why", "limit")
            add("reason", reason)
        case .closedByUser: add("why", "closed")
        }
    }
}
