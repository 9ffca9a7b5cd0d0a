import TPoTCapture
import TPoTInspect

/// The differences between two exchanges as a document: their responses, and their requests if those differ.
enum ComparisonDocument {
    /// Equal lines kept on each side of a difference. Longer runs of equal lines are left out.
    private static let around = 3

    static func document(_ old: CapturedExchange, _ new: CapturedExchange) -> DetailDocument {
        let requests = Comparison(old, new, .request)
        let responses = lines(Comparison(old, new, .response), "responses")
        guard !requests.isSame else { return DetailDocument(responses) }
        return DetailDocument(
            [StyledLine("requests", .title)] + lines(requests, "requests")
                + [StyledLine(), StyledLine("responses", .title)] + responses
        )
    }

    private static func lines(_ comparison: Comparison, _ name: String) -> [StyledLine] {
        var lines: [StyledLine] = []
        if comparison.isSame {
            lines += [StyledLine("the two \(name) are the same", .success), StyledLine()]
        }
        let nothing = "no \(name.dropLast())"
        if comparison.oldStatus == comparison.newStatus {
            lines.append(StyledLine("  " + (comparison.newStatus ?? nothing), .plain))
        } else {
            lines.append(StyledLine("- " + (comparison.oldStatus ?? nothing), .removed))
            lines.append(StyledLine("+ " + (comparison.newStatus ?? nothing), .added))
        }
        lines += comparison.headers.map(line)
        lines.append(StyledLine())
        lines += shortened(comparison.body)
        if comparison.body.isEmpty { lines.append(StyledLine("  no bodies", .dim)) }
        if let note = comparison.note { lines += [StyledLine(), StyledLine(note, .warning)] }
        return lines
    }

    private static func line(_ line: DifferenceLine) -> StyledLine {
        switch line.kind {
        case .same: StyledLine("  " + line.text, .plain)
        case .removed: StyledLine("- " + line.text, .removed)
        case .added: StyledLine("+ " + line.text, .added)
        }
    }

    private static func shortened(_ lines: [DifferenceLine]) -> [StyledLine] {
        var result: [StyledLine] = []
        var index = 0
        while index < lines.count {
            guard lines[index].kind == .same else {
                result.append(line(lines[index]))
                index += 1
                continue
            }
            let end = lines[index...].firstIndex { $0.kind != .same } ?? lines.count
            let head = index == 0 ? 0 : around
            let tail = end == lines.count ? 0 : around
            if end - index > head + tail + 1 {
                result += lines[index..<index + head].map(line)
                let left = end - index - head - tail
                result.append(StyledLine("  … \(Formats.count(left, "line")) the same", .dim))
                result += lines[end - tail..<end].map(line)
            } else {
                result += lines[index..<end].map(line)
            }
            index = end
        }
        return result
    }
}
