import TPoTCapture
import TPoTHistory
import TPoTWire

/// The arguments of a call, which fit the tool's description.
struct ToolArguments: Sendable {
    /// The most bytes of each text in a list, and of a header's value.
    private static let elementLimit = 8192

    private let values: [String: JSONSlice]

    /// - Parameter object: nil if there are none.
    init(_ object: JSONSlice?, for tool: ToolDescription) throws(ToolFault) {
        var values: [String: JSONSlice] = [:]
        guard let members = object.map({ $0.members(limit: 100) }) ?? [] else {
            throw ToolFault("\(tool.name): arguments is an object of at most 100 members")
        }
        for (name, value) in members where value.kind != .null {
            guard let argument = tool.arguments.first(where: { $0.name == name }) else {
                let names = tool.arguments.map(\.name).joined(separator: ", ")
                throw ToolFault(
                    "\(tool.name) has no argument \(VisibleText.text(name, limit: 60))"
                        + (names.isEmpty ? "" : "; it has \(names)")
                )
            }
            guard Self.fits(value, argument.kind) else {
                throw ToolFault("\(tool.name): \(name) must be \(Self.wanted(argument.kind))")
            }
            values[name] = value
        }
        for argument in tool.arguments where argument.isRequired && values[argument.name] == nil {
            throw ToolFault("\(tool.name): \(argument.name) is missing; it is \(Self.wanted(argument.kind))")
        }
        self.values = values
    }

    private static func fits(_ value: JSONSlice, _ kind: ToolArgument.Kind) -> Bool {
        switch kind {
        case .text(let limit): return (value.text(limit: 0)?.count).map { $0 <= limit } ?? false
        case .choice(let words): return value.string().map(words.contains) ?? false
        case .number(let range): return value.integer.flatMap { UInt64(exactly: $0) }.map(range.contains) ?? false
        case .texts(let limit):
            guard value.kind == .array else { return false }
            let some = Array(value.elements.prefix(limit + 1))
            return some.count <= limit && some.allSatisfy { fits($0, .text(limit: elementLimit)) }
        case .fields(let limit):
            guard let members = value.members(limit: limit) else { return false }
            return members.allSatisfy { $0.value.kind == .null || fits($0.value, .text(limit: elementLimit)) }
        }
    }

    private static func wanted(_ kind: ToolArgument.Kind) -> String {
        switch kind {
        case .text(let limit): "text of at most \(limit) bytes"
        case .choice(let words): "one of " + words.map { "\"\($0)\"" }.joined(separator: ", ")
        case .number(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .texts(let limit): "a list of at most \(limit) texts"
        case .fields(let limit): "an object of at most \(limit) members, each text or null"
        }
    }

    func bytes(_ name: String) -> [UInt8]? { values[name]?.text()?.bytes }

    func text(_ name: String) -> String? { bytes(name).map { String(decoding: $0, as: UTF8.self) } }

    func number(_ name: String) -> UInt64? { values[name]?.integer.flatMap { UInt64(exactly: $0) } }

    func texts(_ name: String) -> [String] {
        values[name]?.elements.compactMap { $0.string(limit: Self.elementLimit) } ?? []
    }

    func fields(_ name: String) -> [(name: String, value: String?)] {
        (values[name]?.members(limit: .max) ?? []).map { ($0.name, $0.value.string(limit: Self.elementLimit)) }
    }

    // MARK: What several tools have

    static let filter = ToolArgument(
        "filter",
        .text(limit: 4096),
        "All terms must match: words (in path, sender, event and headers), method:POST status:5xx path:/hook from:stripe "
            + "event:invoice type:json header:x-a=b remote:203.0.113. took:>1s size:>1M is:failed is:replay is:marked "
            + "body:text body:\"two words\"; - before any negates it."
    )
    static let tunnel = ToolArgument(
        "tunnel",
        .text(limit: 1024),
        "Only of this tunnel: its name, public URL or target."
    )
    static let since = ToolArgument(
        "since",
        .text(limit: 64),
        "Only what arrived since: how long ago (90s, 30m, 12h, 7d) or a time (2026-01-31T12:00:00Z)."
    )
    static let after = ToolArgument("after", .number(0...(1 << 53)), "Only requests with a larger number.")

    /// A filter with a mistake is refused: it must not look like one that finds nothing.
    func filter(_ name: String = "filter") throws(ToolFault) -> CaptureFilter {
        let filter = CaptureFilter(text(name) ?? "")
        guard let hint = filter.hint else { return filter }
        let reason = hint.split(separator: ";").first.map(String.init) ?? hint
        throw ToolFault("\(name): \(VisibleText.text(reason, limit: 300)); the description of \(name) lists the terms")
    }

    func time() throws(ToolFault) -> Int64? {
        guard let text = text("since") else { return nil }
        if let age = Age(text) { return HistoryCommandRunner.time(ago: age.seconds) }
        if let time = UTCTime.unixNanoseconds(rfc3339: text.utf8) { return time }
        let shown = VisibleText.text(text, limit: 40)
        throw ToolFault("since: \"\(shown)\" is not a time; write 90s, 30m, 12h, 7d or 2026-01-31T12:00:00Z")
    }

    func query(_ filter: CaptureFilter) throws(ToolFault) -> HistoryQuery {
        HistoryQuery(filter, tunnel: text("tunnel"), since: try time(), after: number("after"))
    }
}
