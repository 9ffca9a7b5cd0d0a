import NIOCore
import TPoTTraffic

/// The lines that are not about a request.
extension HeadlessPrinter {
    mutating func print(_ status: TunnelStatus, at time: Int64) {
        let old = news.url
        let line = news.line(status)
        switch format {
        case .text: print(line, old, status)
        case .json: printJSON(status, old, at: time)
        }
    }

    /// Standard output holds what scripts read, exactly as the original client prints it; all else is a diagnostic.
    private mutating func print(_ line: TunnelNews.Line?, _ old: String?, _ status: TunnelStatus) {
        let isFirst = old == nil && news.url != nil
        if let line, !isFirst { diagnostics(line.text) }
        if case .online(let url, _) = status, url != old { lines += "tpot connected\n\(url)\n".utf8 }
    }

    private mutating func printJSON(_ status: TunnelStatus, _ old: String?, at time: Int64) {
        func line(_ type: String) -> JSONLine { JSONLine(type: type, unixNanoseconds: time) }
        switch status {
        case .connecting(let attempt):
            var line = line("connecting")
            line.add("attempt", attempt)
            line.append(to: &lines)
        case .online(let url, _):
            var line = line("online")
            line.add("url", url)
            line.add("new", url != old)
            line.append(to: &lines)
        case .reconnecting(let attempt, let delay, let reason):
            var line = line(old == nil ? "waiting" : "reconnecting")
            line.add("attempt", attempt)
            line.add("delayMs", delay.nanoseconds / 1_000_000)
            line.add("reason", reason)
            line.append(to: &lines)
        case .holding(let isHolding):
            var line = line("holding")
            line.add("on", isHolding)
            line.append(to: &lines)
        case .stopped(let reason):
            var line = line("stopped")
            line.add("reason", reason)
            line.append(to: &lines)
        case .roundTrip: break
        }
    }

    mutating func print(targetFailed reason: String, in conversation: ConversationNumber, at time: Int64) {
        guard format == .json else { return diagnostics(TunnelNews.targetFailed(reason).text) }
        var line = JSONLine(type: "targetFailed", unixNanoseconds: time)
        line.add("conversation", conversation)
        line.add("reason", reason)
        line.append(to: &lines)
    }

    mutating func print(lost: Int, at time: Int64) {
        guard format == .json else {
            return diagnostics("\(lost) events were lost: more passed than could be printed; lines are missing")
        }
        var line = JSONLine(type: "lost", unixNanoseconds: time)
        line.add("events", lost)
        line.append(to: &lines)
    }

    mutating func print(opened conversation: ConversationNumber, by origin: ConversationOrigin, at time: Int64) {
        var line = JSONLine(type: "conversation", unixNanoseconds: time)
        line.add("event", "opened")
        line.add("conversation", conversation)
        line.add(origin)
        line.append(to: &lines)
    }

    mutating func print(
        closed conversation: ConversationNumber,
        _ totals: ConversationTotals.Totals,
        _ end: ConversationEnd,
        after duration: TimeAmount,
        at time: Int64
    ) {
        var line = JSONLine(type: "conversation", unixNanoseconds: time)
        line.add("event", "closed")
        line.add("conversation", conversation)
        line.add(totals.origin)
        line.add("requests", totals.requests)
        line.add("ms", duration.nanoseconds / 1_000_000)
        line.add("in", totals.received)
        line.add("out", totals.sent)
        line.add(end)
        line.append(to: &lines)
    }
}

extension JSONLine {
    mutating func add(_ origin: ConversationOrigin) {
        switch origin {
        case .visitor(_, let remote): add("remote", remote)
        case .replay(let exchange): add("replayOf", exchange)
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
