import TPoTCapture
import TPoTInspect
import TPoTWire

/// The document of a request or of its response: head, body and what is known about them.
enum MessageDocument {
    static func request(_ content: CapturedExchange, mode: BodyText.Mode) -> DetailDocument {
        guard let head = content.requestHead else {
            let text = content.exchange.isOpaque ? "these bytes are not HTTP" : "no request was seen"
            return document([StyledLine(text, .dim)], content.requestBody, head: nil, mode, note: nil)
        }
        if mode == .pretty, WebSocketTranscript.isOne(content) {
            let lines = HeadLines.request(head, sent: content.sentRequestHead)
            return DetailDocument(lines + [StyledLine(), StyledLine("the messages of both sides: see Response", .dim)])
        }
        let isOver = content.exchange.times.requestEnded != nil || content.exchange.state.isOver
        let remark = content.exchange.isEdited ? [StyledLine("edited while it was held; the target got:", .held)] : []
        return document(
            remark + HeadLines.request(head, sent: content.sentRequestHead),
            content.requestBody,
            head: head,
            mode,
            note: isOver || content.exchange.isOpaque ? nil : "still coming"
        )
    }

    static func response(
        _ content: CapturedExchange,
        mode: BodyText.Mode,
        facts: DashboardFacts
    ) -> DetailDocument {
        var lines: [StyledLine] = []
        for head in content.interimHeads { lines += HeadLines.response(head) + [StyledLine()] }
        if case .aborted(let abort) = content.exchange.state {
            lines.append(StyledLine(StatusStyle.sentence(for: abort), .failure))
            if abort != .visitorGone, abort != .visitorGoneUnsure, let got = VisitorOutcome.text(content.exchange) {
                lines.append(StyledLine("the visitor got \(got)"))
            }
            lines.append(StyledLine())
        }
        guard let head = content.responseHead else {
            if let wait = wait(content.exchange) { lines.append(wait) }
            guard content.responseBody.count > 0 else { return DetailDocument(lines) }
            return document(lines, content.responseBody, head: nil, mode, note: nil)
        }
        if mode == .pretty, let transcript = WebSocketTranscript(content) {
            let messages = WebSocketDocument.lines(transcript, content, facts)
            return DetailDocument(lines + HeadLines.response(head) + [StyledLine()] + messages)
        }
        let isOver = content.exchange.times.responseEnded != nil || content.exchange.state.isOver
        return document(
            lines + HeadLines.response(head),
            content.responseBody,
            head: head,
            mode,
            note: isOver ? nil : "still coming"
        )
    }

    private static func wait(_ exchange: Exchange) -> StyledLine? {
        switch exchange.state {
        case .waitsForHold where exchange.seemsGivenUp:
            StyledLine("no answer yet: it is held, and its visitor seems to have left", .held)
        case .waitsForHold where exchange.hold?.isMatch == true:
            StyledLine("no answer yet: it is held; l lets it go", .held)
        case .waitsForHold where exchange.hold != nil:
            StyledLine("no answer yet: it waits behind a held request of its connection", .held)
        case .waitsForHold: StyledLine("no answer yet: the tunnel is held; p releases it", .held)
        case .connecting: StyledLine("no answer yet: connecting to the target", .dim)
        case .waitingForAnswer: StyledLine("no answer yet: the target has the request", .dim)
        default: nil
        }
    }

    private static func document(
        _ head: [StyledLine],
        _ body: CapturedBody,
        head bytes: [UInt8]?,
        _ mode: BodyText.Mode,
        note: String?
    ) -> DetailDocument {
        guard body.count > 0 else {
            return DetailDocument(
                head + [StyledLine(), StyledLine(note.map { "no body yet, \($0)" } ?? "no body", .dim)]
            )
        }
        let text = BodyText(body, head: bytes, mode: mode, isComplete: note == nil)
        var summary = StyledLine([.init("body: ", .dim), .init(VisibleText.text(text.summary), .dim)])
        if let fault = text.fault { summary.add(", \(fault)", .warning) }
        if let note { summary.add(", \(note)", .streaming) }
        if !body.isWhole, body.bytes.isEmpty { summary.add(", not captured", .warning) }
        return DetailDocument(head + [StyledLine(), summary], body: text, after: HeadLines.trailers(text.trailers))
    }
}
