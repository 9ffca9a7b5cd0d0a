import ArgumentParser
import TPoTCapture
import TPoTDashboard
import TPoTHistory
import TPoTInspect
import TPoTSystem
import TPoTWire

/// Carries out `tpot replay`.
struct ReplayCommandRunner {
    /// Bytes of each body that are kept: as many as a tunnel keeps, and as the original has, up to a limit.
    private static let leastBodyBytes = CaptureLimits().bodyBytes
    private static let mostBodyBytes = 64 * 1024 * 1024

    private struct Key: Hashable {
        var target: TargetAddress
        var name: String?
    }

    private let order: ReplayOrder
    private let reader: HistoryReader
    private let output: ReplayOutput
    private var runs: [Key: ReplayRun] = [:]
    private var tally = ReplayTally()
    private var nextBatch: UInt64 = 1
    private var bodyBytes = ReplayCommandRunner.leastBodyBytes
    private var expected = 1

    static func run(_ order: ReplayOrder, in context: ProcessContext) async throws {
        let reader = try HistoryCommandRunner.reader(in: context)
        var runner = ReplayCommandRunner(order, reader)
        let rows = try runner.rows()
        do {
            try await runner.replay(rows)
        } catch {
            runner.finish()
            throw error
        }
        runner.finish()
        if !order.json { ErrorLines.standard.print("tpot: \(runner.tally.text)") }
        if !runner.tally.isWell(order) { throw ExitCode(ExitStatus.nothingFound.rawValue) }
    }

    private init(_ order: ReplayOrder, _ reader: HistoryReader) {
        self.order = order
        self.reader = reader
        output = ReplayOutput(json: order.json, mask: order.mask)
    }

    private func finish() {
        for run in runs.values {
            if let warning = run.finish() { ErrorLines.standard.print("tpot: warning: \(warning)") }
        }
    }

    // MARK: Which

    private func rows() throws -> [CaptureRow] {
        switch order.which {
        case .numbers(let numbers): try numbers.map { try HistoryCommandRunner.exchange($0, reader).row }
        case .filter(let query): try rows(query)
        }
    }

    private func rows(_ query: HistoryQuery) throws -> [CaptureRow] {
        let limit = min(order.limit, RequestsCommandRunner.limit)
        let takesReplays = query.filter.terms.contains { $0.test == .state(.replay) }
        var (rows, hasMore): ([CaptureRow], Bool) = ([], false)
        do {
            try reader.search(query, limit: .max) { content in
                guard takesReplays || content.exchange.replayOf == nil else { return true }
                hasMore = rows.count == limit
                if !hasMore { rows.append(content.row) }
                return !hasMore
            }
        } catch let error as HistoryError {
            throw HistoryCommandRunner.failure(error, reader.file)
        }
        guard !rows.isEmpty else {
            if !order.json { ErrorLines.standard.print("tpot: no request matches") }
            throw ExitCode(ExitStatus.nothingFound.rawValue)
        }
        guard rows.count <= ReplayCommand.limitWithoutYes || order.isSure else {
            throw CommandError(.usage, "this would send \(Formats.count(rows.count, "request")); say --yes to do it")
        }
        if hasMore, !order.json {
            ErrorLines.standard.print("tpot: more requests match: the newest \(rows.count) are sent (--limit)")
        }
        return rows.reversed()
    }

    // MARK: Sending

    private mutating func replay(_ rows: [CaptureRow]) async throws {
        let most = rows.map(\.exchange.bytesOut).max() ?? 0
        bodyBytes = min(max(most, Self.leastBodyBytes), Self.mostBodyBytes)
        expected = rows.count * order.times
        for row in rows {
            let original = try HistoryCommandRunner.exchange(row.number, reader)
            let tunnel = try HistoryCommandRunner.run(of: row.number, reader)
            let old = tunnel.flatMap { try? TargetAddress($0.target) }
            let target = try order.target ?? old ?? HistoryCommandRunner.target(of: row.number, reader)
            let request: [UInt8]
            do throws(ReplayRefusal) {
                request = try ReplayedRequest.bytes(of: original, from: old, to: target)
            } catch {
                tally.notSent += 1
                try output.notSent(original, error.text)
                continue
            }
            let signed = SignedReplay(
                request,
                of: original,
                order.signing(from: old, to: target),
                publicURL: tunnel?.url,
                at: TrafficClock.system.read().unixNanoseconds
            )
            if let message = signed.message { ErrorLines.standard.print("tpot: warning: \(message.text)") }
            let run = try run(Key(target: target, name: tunnel?.name))
            let batch = order.times > 1 ? nextBatch : nil
            nextBatch += 1
            for _ in 0..<order.times { try await send(signed.bytes, original, run, batch: batch) }
        }
    }

    private mutating func run(_ key: Key) throws(CommandError) -> ReplayRun {
        if let run = runs[key] { return run }
        let run = try ReplayRun(
            reader.file,
            key.target,
            name: key.name,
            trust: order.trust,
            expected: expected,
            bodyBytes: bodyBytes,
            meaning: .inspection(order.webhookSecrets),
            warn: { ErrorLines.standard.print("tpot: warning: \($0)") }
        )
        runs[key] = run
        return run
    }

    private mutating func send(
        _ request: [UInt8],
        _ original: CapturedExchange,
        _ run: ReplayRun,
        batch: UInt64?
    ) async throws {
        guard let replay = try await run.replay(request, of: original.number, batch: batch) else {
            tally.notSent += 1
            return try output.notSent(original, "its answer was too fast to be seen")
        }
        if !run.isReached, case .aborted(let abort) = replay.exchange.state {
            throw CommandError(.serverUnreachable, "the target cannot be reached: \(abort.text)")
        }
        let result = run.compare(original, replay, without: order.exceptions)
        tally.add(result)
        try output.result(result, run.target, showsAll: order.expectsSame)
    }
}

/// How a replay compares with its original.
struct ReplayResult {
    let original: CapturedExchange
    var replay: CapturedExchange
    let comparison: MessageComparison
    /// Nil if it cannot be told.
    let verdict: ReplayVerdict?

    init(_ original: CapturedExchange, _ replay: CapturedExchange, _ comparison: MessageComparison) {
        (self.original, self.replay, self.comparison) = (original, replay, comparison)
        verdict =
            switch (original.exchange.isFailed, replay.exchange.isFailed) {
            case _ where replay.exchange.state == .aborted(.eventsLost): nil
            case (true, true): .stillFailing
            case (true, false): .fixed
            case (false, true): .regressed
            case (false, false): comparison.count > 0 ? .differs : comparison.gap == nil ? .same : nil
            }
    }

    /// The word in JSON.
    var word: String { verdict?.word ?? "cannot-tell" }
}

/// How replays went, in numbers.
struct ReplayTally {
    private var counts: [String: Int] = [:]
    private var isSame = true
    var notSent = 0

    mutating func add(_ result: ReplayResult) {
        counts[result.word, default: 0] += 1
        if !result.comparison.isSame { isSame = false }
    }

    func isWell(_ order: ReplayOrder) -> Bool {
        notSent == 0 && counts["regressed"] == nil && counts["still-failing"] == nil && (isSame || !order.expectsSame)
    }

    /// `3 replays: 2 same, 1 regressed`
    var text: String {
        let words = ["fixed", "same", "differs", "cannot-tell", "still-failing", "regressed"]
        var parts = words.compactMap { word in
            counts[word].map { "\($0) \(word == "differs" && $0 > 1 ? "differ" : word.replacing("-", with: " "))" }
        }
        if notSent > 0 { parts.append("\(notSent) not sent") }
        return "\(Formats.count(counts.values.reduce(0, +), "replay")): \(parts.joined(separator: ", "))"
    }
}
