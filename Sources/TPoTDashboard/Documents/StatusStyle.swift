import TPoTCapture
import TPoTTraffic
import TPoTWire

/// The words and roles of states, shared by all views.
enum StatusStyle {
    static func role(of status: Int?) -> StyleRole {
        guard let status else { return .plain }
        return switch status {
        case 100..<200: .informational
        case 200..<300: .success
        case 300..<400: .redirect
        case 400..<500: .clientError
        case 500..<1000: .serverError
        default: .plain
        }
    }

    /// A word for a row, at most 12 columns. It includes the status if tpot itself answered the visitor.
    static func word(for abort: ExchangeAbort, of exchange: Exchange) -> String {
        switch abort {
        case .visitorGone: "visitor left"
        case .visitorGoneUnsure: "left?"
        case .targetNotConnected: exchange.replayOf == nil ? "503 refused" : "refused"
        case .targetNotSecured: exchange.replayOf == nil ? "503 TLS" : "TLS failed"
        case .targetGone: exchange.bytesOut == 0 ? "no answer" : "target gone"
        case .tunnelLost: "tunnel lost"
        case .answerUnread(.headTooLarge): "head too big"
        case .answerUnread: "not read"
        case .limit: "limit"
        case .closedByUser: "closed"
        case .eventsLost: "not seen"
        }
    }

    /// A sentence for the detail.
    static func sentence(for abort: ExchangeAbort) -> String {
        switch abort {
        case .visitorGone: "the visitor left"
        case .visitorGoneUnsure: "the visitor left, perhaps before it had the answer"
        case .targetNotConnected(let reason): "the target could not be reached" + explained(reason)
        case .targetNotSecured(let reason): "TLS with the target failed" + explained(reason)
        case .targetGone(let reason): "the target closed before its answer was complete" + explained(reason)
        case .tunnelLost: "the tunnel went away"
        case .answerUnread: abort.text
        case .limit(let reason): VisibleText.text(reason)
        case .closedByUser: "you closed the conversation"
        case .eventsLost: "its end was not seen: events were lost"
        }
    }

    static func sentence(for end: ConversationEnd?) -> String {
        switch end {
        case nil: "end not seen"
        case .visitorClosed: "visitor closed"
        case .visitorLeft, .visitorLeftUnsure: "visitor left"
        case .targetClosed(let isComplete): isComplete ? "target closed" : "target gone"
        case .targetReset: "target gone"
        case .targetNotConnected: "target refused"
        case .targetNotSecured: "TLS failed"
        case .tunnelLost: "tunnel lost"
        case .limit: "limit"
        case .closedByUser: "closed by you"
        }
    }

    private static func explained(_ reason: String?) -> String {
        reason.map { ": " + VisibleText.text($0) } ?? ""
    }
}

/// What the visitor got when the target's answer did not reach it whole.
enum VisitorOutcome {
    /// Nil if the visitor got the whole answer, if the outcome is unknown, or for a replay, which has no visitor.
    static func text(_ exchange: Exchange) -> String? {
        guard exchange.replayOf == nil, case .aborted(let abort) = exchange.state else { return nil }
        let hasBytes = exchange.bytesOut > 0
        let bytes = Formats.exactBytes(exchange.bytesOut)
        switch abort {
        case .visitorGone:
            let after = exchange.times.visitorStayed.map { " after \(Formats.duration($0))" } ?? ""
            if exchange.times.responseEnded != nil { return "not all: it left\(after), before the answer was complete" }
            return hasBytes ? "\(bytes) of the answer: then it left" : "nothing: it left\(after)"
        case .visitorGoneUnsure:
            let after = exchange.times.visitorStayed.map { " after \(Formats.duration($0))" } ?? ""
            return "unknown: it closed its half\(after), and the server does not know what it took"
        case .targetNotConnected, .targetNotSecured: return "503 by tpot"
        case .targetGone, .limit, .closedByUser:
            return hasBytes ? "\(bytes) of an answer that breaks off" : "no answer: its connection was closed"
        // The outcome depends on the server: an old one forwards what it does not understand.
        case .answerUnread, .tunnelLost, .eventsLost: return nil
        }
    }
}
