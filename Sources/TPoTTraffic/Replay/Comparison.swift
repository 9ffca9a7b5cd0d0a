/// The response of one exchange against that of another: what a replay changed.
package struct Comparison: Hashable, Sendable {
    /// Lines of a body that are compared.
    package static let lineLimit = 20_000

    /// The first line of each response; nil without one.
    package let oldStatus: String?
    package let newStatus: String?
    package let headers: [DifferenceLine]
    package let body: [DifferenceLine]
    /// What is missing in the comparison; nil when nothing is.
    package let note: String?

    /// - Parameters:
    ///   - old: the original.
    ///   - new: the replay.
    package init(_ old: CapturedExchange, _ new: CapturedExchange) {
        oldStatus = Self.status(old)
        newStatus = Self.status(new)
        headers = LineDifference.lines(from: Self.headers(old), to: Self.headers(new))
        let oldBody = Self.body(old)
        let newBody = Self.body(new)
        body = LineDifference.lines(from: oldBody.lines, to: newBody.lines)
        var notes: [String] = []
        if oldBody.isCut || newBody.isCut { notes.append("only the first \(Self.lineLimit) lines are compared") }
        if !old.responseBody.isWhole || !new.responseBody.isWhole {
            notes.append("a body was not captured whole")
        }
        note = notes.isEmpty ? nil : notes.joined(separator: "; ")
    }

    package var isSame: Bool {
        oldStatus == newStatus && (headers + body).allSatisfy { $0.kind == .same }
    }

    private static func status(_ exchange: CapturedExchange) -> String? {
        exchange.responseHead.map { VisibleText.text(HTTPText.firstLine($0)) }
    }

    private static func headers(_ exchange: CapturedExchange) -> [String] {
        HTTPText.fieldLines(exchange.responseHead ?? []).map { VisibleText.text($0) }
    }

    private static func body(_ exchange: CapturedExchange) -> (lines: [String], isCut: Bool) {
        let text = BodyText(exchange.responseBody, head: exchange.responseHead, mode: .pretty)
        return ((0..<min(text.count, lineLimit)).map { text.line($0).text }, text.count > lineLimit)
    }
}
