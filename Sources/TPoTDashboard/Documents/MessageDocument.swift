import TPoTCapture
import TPoTInspect
import TPoTWire

/// The document of a request or of its response: its head if that is open, its body, and what is known about them.
enum MessageDocument {
    /// - Parameter isOpen: whether the headers are shown line by line.
    static func request(_ content: CapturedExchange, mode: BodyText.Mode, isOpen: Bool) -> DetailDocument {
        guard let head = content.requestHead else {
            let text = content.exchange.isOpaque ? "these bytes are not HTTP" : "no request was seen"
            return document([StyledLine(text, .dim)], nil, content.requestBody, head: nil, mode, note: nil)
        }
        let lines = HeadLines.request(head, sent: content.sentRequestHead)
        let fold = Fold(lines, isOpen: isOpen)
        if mode == .pretty, WebSocketTranscript.isOne(content) {
            let text = StyledLine("the messages of both sides: see Response", .dim)
            return DetailDocument(fold.lines + [text], heading: fold.heading)
        }
        let isOver = content.exchange.times.requestEnded != nil || content.exchange.state.isOver
        let remark = content.exchange.isEdited ? [StyledLine("edited while it was held; the target got:", .held)] : []
        return document(
            remark,
            fold,
            content.requestBody,
            head: head,
            mode,
            note: isOver || content.exchange.isOpaque ? nil : "still coming"
        )
    }

    static func response(
        _ content: CapturedExchange,
        mode: BodyText.Mode,
        isOpen: Bool,
        facts: DashboardFacts
    ) -> DetailDocument {
        var lines: [StyledLine] = []
        if case .aborted(let abort) = content.exchange.state {
            lines.append(StyledLine(StatusStyle.sentence(for: abort), .failure))
            if abort != .visitorGone, abort != .visitorGoneUnsure, let got = VisitorOutcome.text(content.exchange) {
                lines.append(StyledLine("the visitor got \(got)"))
            }
            lines.append(StyledLine())
        }
        let interim = content.interimHeads.flatMap { HeadLines.response($0) + [StyledLine()] }
        guard let head = content.responseHead else {
            lines = interim + lines
            if let wait = wait(content.exchange) { lines.append(wait) }
            guard content.responseBody.count > 0 else { return DetailDocument(lines) }
            return document(lines, nil, content.responseBody, head: nil, mode, note: nil)
        }
        let fold = Fold(interim + HeadLines.response(head), isOpen: isOpen)
        if mode == .pretty, let transcript = WebSocketTranscript(content) {
            let messages = WebSocketDocument.lines(transcript, content, facts)
            return DetailDocument(lines + fold.lines + messages, heading: fold.heading)
        }
        let isOver = content.exchange.times.responseEnded != nil || content.exchange.state.isOver
        let events = mode == .pretty ? EventStreamTranscript(content) : nil
        return document(
            lines,
            fold,
            content.responseBody,
            head: head,
            mode,
            note: isOver ? nil : "still coming",
            events: events.map { EventStreamDocument.lines($0, content, facts) }
        )
    }

    /// The lines of a head, or the one that stands for them.
    private struct Fold {
        let lines: [StyledLine]
        var heading: StyledLine

        init(_ head: [StyledLine], isOpen: Bool) {
            lines = isOpen ? head + [StyledLine()] : []
            // The first line is not a header, nor are the blank lines after interim heads.
            let count = head.count { !$0.spans.isEmpty } - 1
            heading = StyledLine("\(isOpen ? "▾" : "▸") \(Formats.count(max(0, count), "header"))", .dim)
        }
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
        _ remarks: [StyledLine],
        _ fold: Fold?,
        _ body: CapturedBody,
        head bytes: [UInt8]?,
        _ mode: BodyText.Mode,
        note: String?,
        events: [StyledLine]? = nil
    ) -> DetailDocument {
        let lines = remarks + (fold?.lines ?? [])
        var heading = fold?.heading ?? StyledLine()
        guard body.count > 0 else {
            let text = StyledLine(note.map { "no body yet, \($0)" } ?? "no body", .dim)
            return DetailDocument(lines + [text], heading: fold == nil ? nil : heading)
        }
        let text = BodyText(body, head: bytes, mode: mode, isComplete: note == nil)
        if !heading.spans.isEmpty { heading.add("   ") }
        heading.add("\(text.typeName) \(VisibleText.text(text.summary))", .plain)
        if let note { heading.add(", \(note)", .streaming) }
        if !body.isWhole, body.bytes.isEmpty { heading.add(", not captured", .warning) }
        // A fault may be longer than the line above the text, so it stands in the text.
        let faults = text.fault.map { [StyledLine($0, .warning)] } ?? []
        if let events { return DetailDocument(lines + faults + events, heading: heading) }
        return DetailDocument(lines + faults, heading: heading, body: text, after: HeadLines.trailers(text.trailers))
    }
}
