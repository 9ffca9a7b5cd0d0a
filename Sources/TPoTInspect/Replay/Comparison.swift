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
    /// Neither the case of a name nor the order of different names counts (RFC 9110, 5.1 and 5.3).
    package let headers: [DifferenceLine]
    package let body: [DifferenceLine]
    /// Where two bodies that are not text differ: `bytes 4096→4100, first difference at byte 17`. Nil for all else.
    package let bytes: String?
    /// What the comparison leaves out. Nil if it is complete.
    package let note: String?

    /// - Parameters:
    ///   - old: the original, or the older one.
    ///   - new: the replay, or the newer one.
    package init(_ old: CapturedExchange, _ new: CapturedExchange, _ part: Part = .response) {
        let (old, new) = (Message(old, part), Message(new, part))
        oldStatus = old.firstLine
        newStatus = new.firstLine
        let oldFields = old.fields
        headers = LineDifference.lines(from: oldFields, to: new.fields(like: oldFields), by: Self.lowercasedName)
        let oldBody = old.bodyLines
        let newBody = new.bodyLines
        // What is cut cannot be laid out as a whole.
        let isJSON = oldBody.isJSON && newBody.isJSON && !oldBody.isCut && !newBody.isCut
        if isJSON, let ordered = JSONOrder.lines(newBody.lines, like: oldBody.lines) {
            body = LineDifference.lines(from: oldBody.lines, to: ordered, by: JSONOrder.withoutComma)
        } else {
            body = LineDifference.lines(from: oldBody.lines, to: newBody.lines)
        }
        bytes = Self.bytes(oldBody.bytes, newBody.bytes)
        var notes: [String] = []
        if oldBody.isCut || newBody.isCut { notes.append("only the first \(Self.lineLimit) lines are compared") }
        if !old.body.isWhole || !new.body.isWhole { notes.append("a body was not captured completely") }
        note = notes.isEmpty ? nil : notes.joined(separator: "; ")
    }

    /// Everything was compared.
    package var isComplete: Bool { note == nil }

    /// Nothing that was compared differs.
    package var isSame: Bool {
        oldStatus == newStatus && (headers + body).allSatisfy { $0.kind == .same }
    }

    private static func bytes(_ old: [UInt8]?, _ new: [UInt8]?) -> String? {
        guard let old, let new, old != new else { return nil }
        let place = zip(old, new).enumerated().first { $1.0 != $1.1 }?.offset ?? min(old.count, new.count)
        let sizes = old.count == new.count ? "\(old.count) bytes" : "bytes \(old.count)→\(new.count)"
        return "\(sizes), first difference at byte \(place)"
    }

    private static func name(_ field: String) -> String { field.prefix { $0 != ":" }.lowercased() }

    private static func lowercasedName(_ field: String) -> Substring {
        (name(field) + field.drop { $0 != ":" })[...]
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

        /// The fields in the order of `model`, as far as it has their names. Fields of the same name keep their order.
        func fields(like model: [String]) -> [String] {
            let places = Dictionary(model.enumerated().map { (name($1), $0) }) { first, _ in first }
            return fields.enumerated().sorted { one, other in
                (places[name(one.element)] ?? .max, one.offset) < (places[name(other.element)] ?? .max, other.offset)
            }.map(\.element)
        }

        var bodyLines: (lines: [String], isCut: Bool, isJSON: Bool, bytes: [UInt8]?) {
            let text = BodyText(body, head: head, mode: .pretty)
            let lines = (0..<min(text.count, lineLimit)).map { text.line($0).text }
            let isJSON = text.nodes != nil && text.fault == nil
            return (lines, text.isCut || text.count > lineLimit, isJSON, text.bytes)
        }
    }
}
