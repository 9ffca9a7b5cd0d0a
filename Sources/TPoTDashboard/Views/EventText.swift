import TPoTCapture
import TPoTWire

/// What a request means, in a few words: who sent it and what it says, `Stripe invoice.paid`; else what was answered,
/// `text/html 2.1 K`. Which time a delivery came is at its end and is never cut.
struct EventText {
    let text: String
    let role: StyleRole
    /// `⟳ 2nd`; empty the first time.
    let repetition: String
    /// The request itself says what it means.
    let isKnown: Bool

    init(_ row: CaptureRow) {
        let sender = row.delivery?.sender.map { VisibleText.text($0, limit: 40) }
        repetition = row.repetition > 1 ? "⟳ \(Self.ordinal(row.repetition))" : ""
        if let event = row.delivery?.event {
            let event = VisibleText.text(event, limit: 200)
            (text, role, isKnown) = (sender.map { "\($0) \(event)" } ?? event, .plain, true)
            return
        }
        isKnown = false
        let type = row.responseType.map { VisibleText.text($0, limit: 64) }
        let size =
            sender == nil && type != nil && row.exchange.state.isOver ? Formats.bytes(row.exchange.bytesOut) : nil
        text = [sender, type, size].compactMap { $0 }.joined(separator: " ")
        role = .dim
    }

    private static func ordinal(_ number: Int) -> String {
        let ending =
            switch (number % 10, number % 100) {
            case (1, let rest) where rest != 11: "st"
            case (2, let rest) where rest != 12: "nd"
            case (3, let rest) where rest != 13: "rd"
            default: "th"
            }
        return "\(number)\(ending)"
    }
}

/// What a replay sends: `as captured`, `signed anew`, `edited, body 1 line, signed anew`.
struct EditText {
    let text: String
    let role: StyleRole

    init(_ row: CaptureRow) {
        guard let edit = row.replay?.edit else {
            (text, role) = ("as captured", .dim)
            return
        }
        var parts = VisibleText.text(edit, limit: 200).split(separator: ",").map { $0.drop { $0 == " " } }
        let isSignedAnew = parts.last == "signature" && row.signature?.isValid == true
        if isSignedAnew { parts.removeLast() }
        let changes = parts.isEmpty ? [] : ["edited"] + parts
        text = (changes + (isSignedAnew ? ["signed anew"] : [])).joined(separator: ", ")
        role = .plain
    }
}

extension ReplayVerdict {
    /// With a sign, because colour alone is not enough.
    var text: String {
        switch self {
        case .fixed: "✓ fixed"
        case .stillFailing: "✗ still failing"
        case .regressed: "✗ regressed"
        case .same: "= same"
        case .differs: "≠ answer differs"
        }
    }

    var role: StyleRole {
        switch self {
        case .fixed, .same: .success
        case .stillFailing, .regressed: .failure
        case .differs: .accent
        }
    }
}
