import TPoTCapture
import TPoTWire

extension CaptureMeaning {
    /// What a capture asks about what it keeps, answered by decoding bodies.
    package static let inspection = CaptureMeaning(
        bodyContains: BodySearch.contains,
        delivery: { content in
            let body = DecodedBody(content.requestBody, head: content.requestHead, limit: JSONFields.byteLimit)
            return Delivery(head: content.requestHead ?? [], body: body.bytes)
        },
        deliveryBytes: JSONFields.byteLimit,
        edit: ReplayEdit.text,
        hasSameAnswer: ReplayEdit.hasSameAnswer
    )

    /// The same, and signatures are checked with these secrets.
    package static func inspection(_ secrets: WebhookSecrets) -> CaptureMeaning {
        var meaning = inspection
        guard !secrets.isEmpty else { return meaning }
        meaning.signatures = SignatureCheck(schemes: secrets.schemes) { content, circumstances in
            guard let scheme = content.row.delivery?.signature else { return .noSecret }
            return scheme.verify(
                WebhookRequest(content, publicURL: circumstances.publicURL),
                secrets: secrets,
                at: content.row.unixNanoseconds,
                isEdited: circumstances.isEdited
            )
        }
        return meaning
    }
}

/// How a replay differs from its original, in a few words.
enum ReplayEdit {
    /// The most bytes of a body that are compared.
    private static let limit = 1024 * 1024

    /// `method, 2 headers, body 1 line, signature`; nil if it was sent as captured.
    @Sendable static func text(_ original: CapturedExchange, _ replay: CapturedExchange) -> String? {
        var parts: [String] = []
        if original.exchange.method != replay.exchange.method { parts.append("method") }
        if original.exchange.target != replay.exchange.target {
            parts.append("path \(VisibleText.text(replay.exchange.target, limit: 60))")
        }
        let old = original.sentRequestHead ?? original.requestHead
        let new = replay.sentRequestHead ?? replay.requestHead
        let signature = original.row.delivery?.signature
        let names = signature?.fieldNames ?? []
        let headers = changes(LineDifference.lines(from: fields(old, without: names), to: fields(new, without: names)))
        if headers > 0 { parts.append("\(headers) header\(headers == 1 ? "" : "s")") }
        var isSigned = fields(old, only: names) != fields(new, only: names)
        let (oldBody, newBody) = (original.requestBody.bytes, replay.requestBody.bytes)
        if oldBody != newBody, let unsigned = signature?.unsigned(oldBody), unsigned == signature?.unsigned(newBody) {
            isSigned = true
        } else if oldBody != newBody {
            let lines = changes(
                LineDifference.lines(
                    from: self.lines(original.requestBody, old),
                    to: self.lines(replay.requestBody, new)
                )
            )
            // The bytes may differ where the laid out text does not.
            if lines > 0 { parts.append("body \(lines) line\(lines == 1 ? "" : "s")") } else { parts.append("body") }
        }
        if isSigned { parts.append("signature") }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// What was not captured does not count as a difference.
    @Sendable static func hasSameAnswer(_ original: CapturedExchange, _ replay: CapturedExchange) -> Bool {
        original.exchange.status == replay.exchange.status
            && MessageComparison(original, replay, limit: limit).count == 0
    }

    /// A changed line is one that was removed and one that was added.
    private static func changes(_ lines: [DifferenceLine]) -> Int {
        max(lines.count { $0.kind == .removed }, lines.count { $0.kind == .added })
    }

    /// Without the length, which follows from the body.
    private static func fields(_ head: [UInt8]?, without names: Set<String>) -> [String] {
        let names = names.union(["content-length"])
        return HTTPText.fieldLines(head ?? []).filter { !names.contains(SignatureScheme.name(of: $0)) }
            .map { VisibleText.text($0) }
    }

    private static func fields(_ head: [UInt8]?, only names: Set<String>) -> [[UInt8]] {
        HTTPText.fieldLines(head ?? []).filter { names.contains(SignatureScheme.name(of: $0)) }.map(Array.init)
    }

    private static func lines(_ body: CapturedBody, _ head: [UInt8]?) -> [String] {
        let text = BodyText(body, head: head, mode: .pretty, limit: limit)
        return (0..<min(text.count, Comparison.lineLimit)).map { text.line($0).text }
    }
}
