import NIOCore
import TPoTCapture
import TPoTInspect

/// Server-sent events, one by one.
///
///     12:00:01.123  order    #3  {"order":1003,"tea":"assam"}
///     12:00:02.623           #4  first line
///                                second line
enum EventStreamDocument {
    private static let lineLimit = 50_000
    /// The widest names and ids that have a column.
    private static let widest = 20

    static func lines(
        _ transcript: EventStreamTranscript,
        _ content: CapturedExchange,
        _ facts: DashboardFacts
    ) -> [StyledLine] {
        let events = transcript.events
        var lines = transcript.notes.map { StyledLine($0, .warning) }
        let names = width(events.map { $0.name ?? "" })
        let ids = width(events.map { $0.id.map { "#\($0)" } ?? "" })
        for (index, event) in events.enumerated() {
            guard lines.count < lineLimit else {
                lines.append(StyledLine("… \(Formats.count(events.count - index, "more event"))", .warning))
                break
            }
            var line = StyledLine(time(event, content, facts), .dim)
            if names > 0 { line.add(padded(event.name ?? "", names), .fieldName) }
            if ids > 0 { line.add(padded(event.id.map { "#\($0)" } ?? "", ids), .dim) }
            let indent = StyledLine.Span(String(repeating: " ", count: DisplayWidth.columns(line.text)))
            var texts = event.data.map { StyledLine($0).spans } + event.remarks.map { [.init($0, .dim)] }
            if !event.isComplete { texts.append([.init("(not complete)", .dim)]) }
            line.spans += texts.first ?? []
            lines.append(line)
            lines += texts.dropFirst().map { StyledLine([indent] + $0) }
        }
        return lines
    }

    private static func time(_ event: ServerSentEvent, _ content: CapturedExchange, _ facts: DashboardFacts) -> String {
        guard let time = event.time else { return "" }
        let since = time - content.exchange.times.requestBegan
        return facts.timeOfDay(content.row.unixNanoseconds &+ since.nanoseconds) + "  "
    }

    /// The width of a column with the blanks after it; 0 if it is empty.
    private static func width(_ texts: [String]) -> Int {
        let longest = texts.lazy.map { DisplayWidth.columns($0) }.max() ?? 0
        return longest == 0 ? 0 : min(longest, widest) + 2
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(2, width - DisplayWidth.columns(text)))
    }
}
