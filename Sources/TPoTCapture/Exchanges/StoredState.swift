import TPoTWire

/// How an exchange ended, as a word and, with some words, a reason: for what is stored or exported.
///
/// The words are those of `why` in the lines of `--no-ui`, and `finished`.
package struct StoredState: Hashable {
    package var word: String
    package var reason: String?

    package init(_ state: ExchangeState) {
        guard case .aborted(let abort) = state else {
            word = "finished"
            return
        }
        (word, reason) =
            switch abort {
            case .visitorGone: ("visitor-left", nil)
            case .visitorGoneUnsure: ("visitor-left-unsure", nil)
            case .targetNotConnected(let reason): ("target-refused", reason)
            case .targetNotSecured(let reason): ("target-tls", reason)
            case .targetGone(let reason): ("target-gone", reason)
            case .tunnelLost: ("tunnel-lost", nil)
            case .answerUnread(nil): ("unread", nil)
            case .answerUnread(.headTooLarge): ("head-too-long", nil)
            case .answerUnread(let fault?): ("unreadable", fault.reason)
            case .limit(let text): ("limit", text)
            case .closedByUser: ("closed", nil)
            case .eventsLost: ("unknown", nil)
            }
    }

    package init(word: String, reason: String?) {
        self.word = word
        self.reason = reason
    }

    /// A word that this version does not know is that of an end which was not seen.
    package var state: ExchangeState {
        switch word {
        case "finished": .finished
        case "visitor-left": .aborted(.visitorGone)
        case "visitor-left-unsure": .aborted(.visitorGoneUnsure)
        case "target-refused": .aborted(.targetNotConnected(reason))
        case "target-tls": .aborted(.targetNotSecured(reason))
        case "target-gone": .aborted(.targetGone(reason))
        case "tunnel-lost": .aborted(.tunnelLost)
        case "unread": .aborted(.answerUnread(nil))
        case "head-too-long": .aborted(.answerUnread(.headTooLarge))
        case "unreadable": .aborted(.answerUnread(HTTPResponseFault.allCases.first { $0.reason == reason }))
        case "limit": .aborted(.limit(reason ?? "a limit was reached"))
        case "closed": .aborted(.closedByUser)
        default: .aborted(.eventsLost)
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
