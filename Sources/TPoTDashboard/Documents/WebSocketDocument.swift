import NIOCore
import TPoTCapture
import TPoTInspect

/// The messages of both sides of a WebSocket, line by line.
///
///     12:00:01.123  → text     17 bytes  {"type":"hello"}
///     12:00:01.204  ← ping      0 bytes
enum WebSocketDocument {
    private static let lineLimit = 50_000
    /// The column of a message's text.
    private static let column = 34

    static func lines(
        _ transcript: WebSocketTranscript,
        _ content: CapturedExchange,
        _ facts: DashboardFacts
    ) -> [StyledLine] {
        let fromVisitor = transcript.messages.filter(\.isFromVisitor).count
        let fromTarget = transcript.messages.count - fromVisitor
        var lines = [
            StyledLine("messages: → \(fromVisitor) from the visitor, ← \(fromTarget) from the target", .dim)
        ]
        lines += transcript.notes.map { StyledLine($0, .warning) }
        for (index, message) in transcript.messages.enumerated() {
            guard lines.count < lineLimit else {
                lines.append(StyledLine("… \(transcript.messages.count - index) more messages", .warning))
                break
            }
            add(message, to: &lines, content, facts)
        }
        return lines
    }

    private static func add(
        _ message: WebSocketMessage,
        to lines: inout [StyledLine],
        _ content: CapturedExchange,
        _ facts: DashboardFacts
    ) {
        let since = message.time - content.exchange.times.requestBegan
        let time = facts.timeOfDay(content.row.unixNanoseconds &+ since.nanoseconds)
        let isIn = message.isFromVisitor
        var line = StyledLine([
            .init(time + "  ", .dim), .init((isIn ? "→ " : "← "), isIn ? .accent : .success),
            .init(padded(name(message.kind), 6), .fieldName),
        ])
        let size = Formats.bytes(message.passedCount)
        line.add(String(repeating: " ", count: max(0, 9 - size.count)) + size + "   ", .dim)
        if case .close(let code) = message.kind, let code { line.add("\(code) ", .fieldValue) }
        let text = message.lines
        // A hex dump needs a whole row of an 80-column terminal, so it starts on the next line.
        let isBeside = !message.isHex
        if isBeside, let first = text.first { line.spans += StyledLine(first).spans }
        if let note = message.note { line.add((text.isEmpty || !isBeside ? "" : "  ") + "(\(note))", .dim) }
        lines.append(line)
        let indent = StyledLine.Span(String(repeating: " ", count: isBeside ? column : 2))
        lines += text.dropFirst(isBeside ? 1 : 0).map { StyledLine([indent] + StyledLine($0).spans) }
    }

    private static func name(_ kind: WebSocketMessage.Kind) -> String {
        switch kind {
        case .text: "text"
        case .binary: "binary"
        case .ping: "ping"
        case .pong: "pong"
        case .close: "close"
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
