import TPoTCapture
import TPoTInspect
import TPoTWire

/// The differences between two exchanges, laid out once. What is folded is decided when it is shown.
struct ComparedText: Sendable {
    enum Line: Sendable {
        case text(StyledLine)
        /// Equal lines that are folded unless the user opens them.
        case fold(id: Int, [StyledLine])
    }

    /// Equal lines kept on each side of a difference. Longer runs of equal lines are folded.
    private static let around = 3
    /// Fields that differ in every answer: they are shown, but not counted as differences.
    private static let noise: Set<String> = ["date", "age", "x-request-id", "x-runtime", "cf-ray", "x-amzn-trace-id"]

    private(set) var lines: [Line] = []
    /// The places in ``lines`` at which differences begin.
    private(set) var differences: [Int] = []
    private(set) var foldCount = 0

    /// Both sides in one line: `status 500→200 · 3 headers · body 4 lines · request same`.
    private var summary: [String] = []

    init(_ old: CapturedExchange, _ new: CapturedExchange) {
        let request = Comparison(old, new, .request)
        let response = Comparison(old, new, .response)
        var text = ComparedText()
        // What was changed by hand comes first; where only the answers differ, they do.
        if request.isSame {
            text.add(response, "response")
            text.summary.append(request.isComplete ? "request same" : "request: cannot tell")
            if let note = request.note, request.note != response.note { text.put("request: " + note, .warning) }
        } else {
            text.addTitle("request")
            text.add(request, "request")
            text.put("")
            text.addTitle("response")
            text.add(response, "response")
        }
        self = text
        lines.insert(.text(StyledLine(summary.joined(separator: " · "), .title)), at: 0)
        lines.insert(.text(StyledLine()), at: 1)
        differences = differences.map { $0 + 2 }
    }

    private init() {}

    // MARK: Laying out

    private mutating func put(_ text: String, _ role: StyleRole = .plain) {
        lines.append(.text(StyledLine(text, role)))
    }

    private mutating func addTitle(_ name: String) { put(name.uppercased(), .title) }

    private mutating func add(_ comparison: Comparison, _ name: String) {
        let nothing = "no \(name)"
        let (old, new) = (comparison.oldStatus ?? nothing, comparison.newStatus ?? nothing)
        var parts: [String] = []
        if old == new {
            put("  " + new)
        } else {
            differences.append(lines.count)
            addChange(old, new)
            parts.append(name == "response" ? "status \(Self.status(old))→\(Self.status(new))" : "request line")
        }
        let isNoise: (DifferenceLine) -> Bool = { Self.noise.contains(Self.fieldName($0.text)) }
        let headers = Self.changes(comparison.headers.filter { !isNoise($0) })
        if headers > 0 { parts.append(Self.count(headers, "header")) }
        add(comparison.headers, isNoise: isNoise)
        put("")
        if comparison.body.isEmpty {
            put("  no bodies", .dim)
        } else {
            add(comparison.body, isNoise: { _ in false })
        }
        let body = Self.changes(comparison.body)
        if let bytes = comparison.bytes {
            parts.append("body \(bytes)")
        } else if body > 0 {
            parts.append("body \(Self.count(body, "line"))")
        } else if !comparison.isComplete {
            parts.append("body: cannot tell")
        } else if !parts.isEmpty, !comparison.body.isEmpty {
            parts.append("body same")
        }
        if let note = comparison.note {
            put("")
            put(note, .warning)
        }
        if parts.isEmpty { parts = ["\(name) same"] }
        if name == "request" { parts[0] = parts[0].hasPrefix("request") ? parts[0] : "request \(parts[0])" }
        summary += parts
    }

    /// - Parameter isNoise: whether a changed line counts for nothing.
    private mutating func add(_ all: [DifferenceLine], isNoise: (DifferenceLine) -> Bool) {
        var index = 0
        while index < all.count {
            let isSame = all[index].kind == .same
            let end = all[index...].firstIndex { ($0.kind == .same) != isSame } ?? all.count
            if isSame {
                addEqual(all[index..<end], isFirst: index == 0, isLast: end == all.count)
            } else {
                if all[index..<end].contains(where: { !isNoise($0) }) { differences.append(lines.count) }
                addChanges(all[index..<end], isNoise: isNoise)
            }
            index = end
        }
    }

    private mutating func addEqual(_ equal: ArraySlice<DifferenceLine>, isFirst: Bool, isLast: Bool) {
        let head = isFirst ? 0 : Self.around
        let tail = isLast ? 0 : Self.around
        let texts = equal.map { StyledLine("  " + $0.text) }
        guard texts.count > head + tail + 1 else {
            lines += texts.map { .text($0) }
            return
        }
        lines += texts.prefix(head).map { .text($0) }
        lines.append(.fold(id: foldCount, Array(texts[head..<texts.count - tail])))
        foldCount += 1
        lines += texts.suffix(tail).map { .text($0) }
    }

    /// Pairs removed lines with added ones in order, so that what changed within a line is marked.
    private mutating func addChanges(_ changes: ArraySlice<DifferenceLine>, isNoise: (DifferenceLine) -> Bool) {
        let removed = changes.filter { $0.kind == .removed }
        let added = changes.filter { $0.kind == .added }
        for (index, line) in removed.enumerated() {
            let parts = index < added.count ? InlineDifference.parts(line.text, added[index].text) : nil
            lines.append(.text(Self.line("- ", line.text, parts?.old, isNoise(line) ? .dim : .removed, .removedPart)))
        }
        for (index, line) in added.enumerated() {
            let parts = index < removed.count ? InlineDifference.parts(removed[index].text, line.text) : nil
            lines.append(.text(Self.line("+ ", line.text, parts?.new, isNoise(line) ? .dim : .added, .addedPart)))
        }
    }

    private mutating func addChange(_ old: String, _ new: String) {
        let parts = InlineDifference.parts(old, new)
        lines.append(.text(Self.line("- ", old, parts?.old, .removed, .removedPart)))
        lines.append(.text(Self.line("+ ", new, parts?.new, .added, .addedPart)))
    }

    private static func line(
        _ sign: String,
        _ text: String,
        _ part: Range<Int>?,
        _ role: StyleRole,
        _ partRole: StyleRole
    ) -> StyledLine {
        guard let part, !part.isEmpty, role != .dim else { return StyledLine(sign + text, role) }
        let whole = StyledLine(text)
        let pieces = [0..<part.lowerBound, part, part.upperBound..<text.utf8.count].map { range in
            whole.slice(range).map(\.text).joined()
        }
        return StyledLine([.init(sign + pieces[0], role), .init(pieces[1], partRole), .init(pieces[2], role)])
    }

    // MARK: Words

    /// The code of a status line, else the line itself.
    private static func status(_ line: String) -> String {
        let words = line.split(separator: " ")
        return words.count > 1 && words[0].hasPrefix("HTTP/") ? String(words[1]) : line
    }

    private static func fieldName(_ line: String) -> String { line.prefix { $0 != ":" }.lowercased() }

    /// A changed line is one that was removed and one that was added.
    private static func changes(_ lines: [DifferenceLine]) -> Int {
        max(lines.count { $0.kind == .removed }, lines.count { $0.kind == .added })
    }

    private static func count(_ count: Int, _ noun: String) -> String { Formats.count(count, noun) }
}

// MARK: - Showing

extension ComparedText {
    /// The text with these folds open.
    func document(_ open: Set<Int>) -> DetailDocument {
        DetailDocument(
            lines.flatMap { line -> [StyledLine] in
                switch line {
                case .text(let text): [text]
                case .fold(let id, let equal):
                    open.contains(id)
                        ? equal : [StyledLine("▸ … \(Formats.count(equal.count, "line")) the same", .dim)]
                }
            }
        )
    }

    /// The line of the document at which a place of ``lines`` is shown.
    func documentLine(of place: Int, _ open: Set<Int>) -> Int {
        lines[..<place].reduce(0) { sum, line in
            if case .fold(let id, let equal) = line, open.contains(id) { sum + equal.count } else { sum + 1 }
        }
    }

    /// The fold that is shown at a line of the document, or that began there; nil if there is none.
    func fold(atDocumentLine wanted: Int, _ open: Set<Int>) -> Int? {
        var line = 0
        for part in lines {
            guard case .fold(let id, let equal) = part else {
                line += 1
                continue
            }
            let count = open.contains(id) ? equal.count : 1
            if line..<line + count ~= wanted { return id }
            line += count
        }
        return nil
    }
}
