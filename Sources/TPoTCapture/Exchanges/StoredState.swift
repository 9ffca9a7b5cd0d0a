import TPoTWire

/// How an exchange ended. The raw value is the word in the history and in JSON.
package enum ExchangeEnd: String, CaseIterable, Sendable {
    case finished
    case visitorLeft = "visitor-left"
    /// The visitor may have received the whole answer.
    case visitorLeftUnsure = "visitor-left-unsure"
    case targetRefused = "target-refused"
    /// The target could be reached, but TLS with it failed.
    case targetTLS = "target-tls"
    case targetGone = "target-gone"
    case tunnelLost = "tunnel-lost"
    case limit
    case closed
    case headTooLong = "head-too-long"
    /// The answer could not be parsed for another reason.
    case unreadable
    /// An earlier answer on the same connection could not be parsed, so none after it could.
    case unread
    /// Events were lost, so it is not known how it ended.
    case unknown

    package init(_ abort: ExchangeAbort) {
        self =
            switch abort {
            case .visitorGone: .visitorLeft
            case .visitorGoneUnsure: .visitorLeftUnsure
            case .targetNotConnected: .targetRefused
            case .targetNotSecured: .targetTLS
            case .targetGone: .targetGone
            case .tunnelLost: .tunnelLost
            case .limit: .limit
            case .answerUnread(.headTooLarge): .headTooLong
            case .answerUnread(nil): .unread
            case .answerUnread: .unreadable
            case .closedByUser: .closed
            case .eventsLost: .unknown
            }
    }
}

/// How an exchange ended, as a word and, with some words, a reason: for what is stored or exported.
package struct StoredState: Hashable {
    package var word: String
    package var reason: String?

    package init(_ state: ExchangeState) {
        guard case .aborted(let abort) = state else {
            word = ExchangeEnd.finished.rawValue
            return
        }
        word = ExchangeEnd(abort).rawValue
        reason =
            switch abort {
            case .targetNotConnected(let reason), .targetNotSecured(let reason), .targetGone(let reason): reason
            case .answerUnread(.headTooLarge): nil
            case .answerUnread(let fault): fault?.reason
            case .limit(let text): text
            case .visitorGone, .visitorGoneUnsure, .tunnelLost, .closedByUser, .eventsLost: nil
            }
    }

    package init(word: String, reason: String?) {
        self.word = word
        self.reason = reason
    }

    /// A word that this version does not know is that of an end which was not seen.
    package var state: ExchangeState {
        switch ExchangeEnd(rawValue: word) ?? .unknown {
        case .finished: .finished
        case .visitorLeft: .aborted(.visitorGone)
        case .visitorLeftUnsure: .aborted(.visitorGoneUnsure)
        case .targetRefused: .aborted(.targetNotConnected(reason))
        case .targetTLS: .aborted(.targetNotSecured(reason))
        case .targetGone: .aborted(.targetGone(reason))
        case .tunnelLost: .aborted(.tunnelLost)
        case .unread: .aborted(.answerUnread(nil))
        case .headTooLong: .aborted(.answerUnread(.headTooLarge))
        case .unreadable: .aborted(.answerUnread(HTTPResponseFault.allCases.first { $0.reason == reason }))
        case .limit: .aborted(.limit(reason ?? "a limit was reached"))
        case .closed: .aborted(.closedByUser)
        case .unknown: .aborted(.eventsLost)
        }
    }
}

extension ReplayVerdict {
    /// The word in the history and in JSON.
    package var word: String {
        switch self {
        case .fixed: "fixed"
        case .stillFailing: "still-failing"
        case .regressed: "regressed"
        case .same: "same"
        case .differs: "differs"
        }
    }

    package init?(word: String) {
        let all: [ReplayVerdict] = [.fixed, .stillFailing, .regressed, .same, .differs]
        guard let verdict = all.first(where: { $0.word == word }) else { return nil }
        self = verdict
    }
}
