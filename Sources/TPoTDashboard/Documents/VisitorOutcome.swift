import TPoTCapture

/// What the visitor got where the target's answer did not reach it whole.
enum VisitorOutcome {
    /// Nil where it got the answer, where nobody knows, and for a replay, which has no visitor.
    static func text(_ exchange: Exchange) -> String? {
        guard exchange.replayOf == nil, case .aborted(let abort) = exchange.state else { return nil }
        let hasBytes = exchange.bytesOut > 0
        let bytes = Formats.exactBytes(exchange.bytesOut)
        switch abort {
        case .visitorGone:
            let after = exchange.times.visitorStayed.map { " after \(Formats.duration($0))" } ?? ""
            if exchange.times.responseEnded != nil { return "not all: it left\(after), before the answer had come" }
            return hasBytes ? "\(bytes) of the answer: then it left" : "nothing: it left\(after)"
        case .visitorGoneUnsure:
            let after = exchange.times.visitorStayed.map { " after \(Formats.duration($0))" } ?? ""
            return "unknown: it closed its half\(after), and the server does not know what it took"
        case .targetNotConnected, .targetNotSecured: return "503 by tpot"
        case .targetGone, .limit, .closedByUser:
            return hasBytes ? "\(bytes) of an answer that breaks off" : "no answer: its connection was closed"
        // It depends on the server: an old one passes on what it does not understand.
        case .answerUnread, .tunnelLost, .eventsLost: return nil
        }
    }
}
