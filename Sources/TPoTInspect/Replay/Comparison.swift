import TPoTCapture
import TPoTWire

/// Compares the requests or responses of two exchanges: what a replay changed, or how two webhooks differ.
package struct Comparison: Hashable, Sendable {
    package enum Part: Hashable, Sendable {
        /// The request as the target received it.
        case request
        case response
    }

    /// The most lines of a body that are compared.
    package static let lineLimit = 20_000

    /// The first line of each message. Nil if the message has no head.
    package let oldStatus: String?
    package let newStatus: String?
    package let headers: [DifferenceLine]
    package let body: [DifferenceLine]
    /// Both bodies were captured completely.
    package let isBodyWhole: Bool
    /// What the comparison leaves out. Nil if it is complete.
    package let note: String?

    /// - Parameters:
    ///   - old: the original, or the older one.
    ///   - new: the replay, or the newer one.
    package init(_ old: CapturedExchange, _ new: CapturedExchange, _ part: Part = .response) {
        let (old, new) = (Message(old, part), Message(new, part))
        oldStatus = old.firstLine
        newStatus = new.firstLine
        headers = LineDifference.lines(from: old.fields, to: new.fields)
        let oldBody = old.bodyLines
        let newBody = new.bodyLines
        // What is cut cannot be laid out as a whole.
        let isJSON = oldBody.isJSON && newBody.isJSON && !oldBody.isCut && !newBody.isCut
        if isJSON, let ordered = JSONOrder.lines(newBody.lines, like: oldBody.lines) {
            body = LineDifference.lines(from: oldBody.lines, to: ordered, by: JSONOrder.withoutComma)
        } else {
            body = LineDifference.lines(from: oldBody.lines, to: newBody.lines)
        }
        isBodyWhole = old.body.isWhole && new.body.isWhole
        var notes: [String] = []
        if oldBody.isCut || newBody.isCut { notes.append("only the first \(Self.lineLimit) lines are compared") }
        if !old.body.isWhole || !new.body.isWhole { notes.append("a body was not captured completely") }
        note = notes.isEmpty ? nil : notes.joined(separator: "; ")
    }

    package var isSame: Bool {
        oldStatus == newStatus && (headers + body).allSatisfy { $0.kind == .same }
    }

    private struct Message {
        let head: [UInt8]?
        let body: CapturedBody

        init(_ exchange: CapturedExchange, _ part: Part) {
            switch part {
            case .request: (head, body) = (exchange.sentRequestHead ?? exchange.requestHead, exchange.requestBody)
            case .response: (head, body) = (exchange.responseHead, exchange.responseBody)
            }
        }

        var firstLine: String? { head.map { VisibleText.text(HTTPText.firstLine($0)) } }
        var fields: [String] { HTTPText.fieldLines(head ?? []).map { VisibleText.text($0) } }

        var bodyLines: (lines: [String], isCut: Bool, isJSON: Bool) {
            let text = BodyText(body, head: head, mode: .pretty)
            let lines = (0..<min(text.count, lineLimit)).map { text.line($0).text }
            return (lines, text.count > lineLimit, text.nodes != nil && text.fault == nil)
        }
    }
}
