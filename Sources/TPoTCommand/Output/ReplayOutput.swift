import ArgumentParser
import TPoTCapture
import TPoTDashboard
import TPoTInspect
import TPoTSystem
import TPoTTraffic
import TPoTWire

/// Prints what became of replays, one after the other.
struct ReplayOutput {
    /// The most differences of a replay that are printed as text.
    private static let differences = 5

    private let json: Bool
    private let mask: SecretMask
    private let text: DifferenceText

    init(json: Bool, mask: SecretMask) {
        self.json = json
        self.mask = mask
        text = DifferenceText(mask)
    }

    /// - Parameter showsAll: what differs is also printed where an answer that failed is one of the two.
    func result(_ result: ReplayResult, _ target: TargetAddress, showsAll: Bool) throws {
        guard !json else { return try put(Self.line(result, target, mask)) }
        var lines = Self.lines(result, mask)
        if showsAll || result.verdict == .differs {
            lines += text.lines(result.comparison, limit: Self.differences).map { "    \($0)" }
        }
        try put(Array(lines.map { $0 + "\n" }.joined().utf8))
    }

    /// The object of JSON.
    /// - Parameter limit: the most differences.
    static func line(
        _ result: ReplayResult,
        _ target: TargetAddress,
        _ mask: SecretMask,
        limit: Int = .max
    ) -> JSONLine {
        let replay = result.replay
        var line = JSONLine(type: "replay", unixNanoseconds: replay.row.unixNanoseconds)
        ExchangeJSON.write(replay.row, mask, to: &line)
        if result.verdict == nil { line.add("verdict", result.word) }
        if let status = result.original.exchange.status {
            line.add("originalStatus", status)
        } else {
            line.addNull("originalStatus")
        }
        line.add("target", "\(target)")
        if result.verdict == nil {
            line.add("cannotTell", result.comparison.gap ?? "the answer was not seen whole")
        }
        line.add("differences", json: DifferenceJSON.array(result.comparison, mask, limit: limit))
        return line
    }

    /// What became of a replay, without the differences.
    static func lines(_ result: ReplayResult, _ mask: SecretMask) -> [String] {
        let replay = result.replay
        let took = replay.exchange.times.ended.map { Formats.duration(replay.exchange.times.taken(at: $0)) } ?? ""
        let before = ExchangeWords.status(result.original.exchange)
        let after = ExchangeWords.status(replay.exchange)
        let verdict = result.verdict.map(ExchangeWords.verdict) ?? "? cannot tell"
        let request = request(replay, mask)
        var lines = [
            "\(result.original.number) → \(replay.number)  \(request)  \(before) → \(after)  \(took)  \(verdict)"
        ]
        if case .aborted(let abort) = replay.exchange.state { lines.append("    \(VisibleText.text(abort.text))") }
        if result.verdict == nil, let gap = result.comparison.gap { lines.append("    \(gap)") }
        return lines
    }

    func notSent(_ original: CapturedExchange, _ reason: String) throws {
        guard !json else {
            var line = JSONLine(type: "replay", unixNanoseconds: TrafficClock.system.read().unixNanoseconds)
            line.add("replayOf", original.number)
            line.add("method", original.exchange.method)
            line.add("path", mask.url(original.exchange.target))
            line.add("notSent", reason)
            return try put(line)
        }
        try put(Array("\(original.number)  \(Self.request(original, mask))  not sent: \(reason)\n".utf8))
    }

    private static func request(_ exchange: CapturedExchange, _ mask: SecretMask) -> String {
        VisibleText.text(exchange.exchange.method) + " "
            + VisibleText.text(mask.url(exchange.exchange.target), limit: 200)
    }

    private func put(_ line: JSONLine) throws {
        var bytes: [UInt8] = []
        line.append(to: &bytes)
        try put(bytes)
    }

    /// When nobody reads the results any more, nothing more is sent.
    private func put(_ bytes: [UInt8]) throws {
        guard StandardStream.output.put(bytes).error == 0 else { throw ExitCode(ExitStatus.outputClosed.rawValue) }
    }
}
