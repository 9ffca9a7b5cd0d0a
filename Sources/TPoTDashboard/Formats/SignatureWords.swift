import TPoTCapture
import TPoTWire

/// What is said about a webhook's signature. Nothing is, where the provider's secret is not known.
struct SignatureWords {
    /// `✗ not signed: 15 min old`
    let text: String
    /// `✗ not signed`, where there is less room.
    let short: String
    /// `✗ sig`, where there is hardly any. The sign alone takes the least.
    let shortest: String
    let role: StyleRole
    /// For the detail, with the way out.
    let sentence: String

    init?(_ row: CaptureRow) {
        guard let verdict = row.signature else { return nil }
        let sender = row.delivery?.sender.map { VisibleText.text($0, limit: 40) } ?? "the sender"
        switch verdict {
        case .noSecret: return nil
        case .valid:
            (text, short, shortest, role) = ("✓ signed", "✓ signed", "✓", .success)
        case .cannotTell(let reason):
            text = "? signed: \(Self.reason(reason))"
            (short, shortest, role) = ("? signed", "? sig", .warning)
        default:
            text = "✗ not signed: \(Self.reason(verdict))"
            (short, shortest, role) = ("✗ not signed", "✗ sig", .failure)
        }
        sentence = Self.sentence(verdict, sender)
    }

    /// The longest form that has room; else the sign.
    func fitted(_ room: Int) -> String {
        [text, short, shortest].first { DisplayWidth.columns($0) <= room } ?? String(text.prefix(1))
    }

    /// `15 min`
    static func span(_ seconds: Int64) -> String {
        let units: [(Int64, String)] = [(86_400, "days"), (3600, "h"), (60, "min")]
        guard let (unit, name) = units.first(where: { seconds >= 2 * $0.0 || $0.0 == 60 && seconds >= 60 }) else {
            return "\(seconds) s"
        }
        return "\(seconds / unit) \(name)"
    }

    private static func reason(_ verdict: SignatureVerdict) -> String {
        switch verdict {
        case .missing: "none sent"
        case .malformed: "malformed"
        case .tooOld(let seconds, _): "\(span(seconds)) old"
        case .inFuture(let seconds, _): "\(span(seconds)) ahead"
        case .mismatch: "does not match"
        case .editedHere: "edited here"
        case .valid, .noSecret, .cannotTell: ""
        }
    }

    private static func reason(_ reason: SignatureVerdict.Reason) -> String {
        switch reason {
        case .partOfBody: "not all captured"
        case .unknownURL: "URL unknown"
        case .unsupported: "cannot check"
        }
    }

    private static func sentence(_ verdict: SignatureVerdict, _ sender: String) -> String {
        switch verdict {
        case .valid: "✓ valid: \(sender) signed exactly this"
        case .missing(let name):
            "✗ there is no \(VisibleText.text(name, limit: 100)): this may not come from \(sender), or it signs only once a"
                + " secret is set on its page"
        case .malformed(let name):
            "✗ \(VisibleText.text(name, limit: 100)) is not what \(sender) sends: look whether something on the way changes it"
        case .tooOld(let seconds, let allowed):
            "✗ right, but \(span(seconds)) old when it came, and \(sender) allows \(span(allowed)): replay it signed anew, or"
                + " look at the clock of this machine"
        case .inFuture(let seconds, let allowed):
            "✗ right, but its time is \(span(seconds)) ahead, and \(sender) allows \(span(allowed)): look at the clock of this"
                + " machine"
        case .mismatch:
            "✗ it does not match: made with another secret, or the request was changed on its way. Compare the secret with the"
                + " one that \(sender) shows for this URL"
        case .editedHere:
            "✗ it does not match, because the request was edited here: a replay that is signed anew has a right one"
        case .noSecret: ""
        case .cannotTell(.partOfBody):
            "? not checked, because only a part of the body was captured: a larger --capture-body keeps all of it"
        case .cannotTell(.unknownURL): "? not checked, because it covers the public URL, which is not known here"
        case .cannotTell(.unsupported): "? not checked: tpot cannot check the signatures of \(sender)"
        }
    }
}
