import NIOConcurrencyHelpers
import TPoTCapture
import TPoTDashboard
import TPoTHistory
import TPoTInspect
import TPoTWire

/// `wait_for_request`
struct WaitForRequestTool: MCPTool {
    static let limit = 20
    private static let defaultTimeout: UInt64 = 30
    private static let interval = Duration.milliseconds(100)
    private static let reportInterval = 10

    let history: AgentHistory
    let live: any LiveTunnels
    let mask: SecretMask

    var description: ToolDescription {
        ToolDescription(
            name: "wait_for_request",
            title: "Wait for a request",
            text:
                "Waits until a request that matches has come through the tunnel and is over, and lists all that match. It also "
                + "takes those that came before the call: since the newest tunnel was opened, or "
                + "since `since` or `after`. So trigger the webhook first or second, as you like. To see only what comes "
                + "from now on, give the newest number of `status` as `after`.",
            arguments: [
                ToolArguments.filter, ToolArguments.tunnel, ToolArguments.since, ToolArguments.after,
                ToolArgument(
                    "timeout",
                    .number(0...300),
                    "Seconds to wait, \(Self.defaultTimeout) if it is left out. Many clients give up after 60 s."
                ),
            ],
            isPatient: true
        )
    }

    func call(_ arguments: ToolArguments, _ progress: ToolProgress) async throws -> ToolResult {
        let clock = ContinuousClock()
        let start = clock.now
        let timeout = Duration.seconds(Int64(clamping: arguments.number("timeout") ?? Self.defaultTimeout))
        let started = await live.open().compactMap(\.started).max()
        let watch = HistoryWatch(history, try arguments.query(try arguments.filter()), started: started)
        var reported = 0
        while true {
            let began = clock.now
            let (rows, hasMore) = try await watch.look(limit: Self.limit)
            if !rows.isEmpty { return found(rows, hasMore, start.duration(to: clock.now)) }
            let passed = start.duration(to: clock.now)
            guard passed < timeout else { return nothing(timeout, await watch.isThere) }
            let seconds = Int(passed.components.seconds)
            if seconds >= reported + Self.reportInterval {
                reported = seconds
                await progress.tell(seconds, Int(timeout.components.seconds), "no request matches yet")
            }
            // A search that takes long leaves time for others.
            try await clock.sleep(for: max(Self.interval, min(began.duration(to: clock.now) * 4, .seconds(2))))
        }
    }

    private func found(_ rows: [CaptureRow], _ hasMore: Bool, _ passed: Duration) -> ToolResult {
        let newest = rows.map(\.number).max() ?? 0
        return RequestList.result(
            rows,
            "\(Formats.count(rows.count, "request")) matched; to wait for the next one, give after: \(newest).",
            hasMore: hasMore,
            mask
        ) { json in
            json.add("timedOut", false)
            json.add("newest", Int(clamping: newest))
        }
    }

    private func nothing(_ timeout: Duration, _ isThere: Bool) -> ToolResult {
        let seconds = timeout.components.seconds
        let text =
            isThere
            ? "No request matched within \(seconds) s. A request counts when its answer is complete. Check that tpot http runs,"
                + " that it was sent to the tunnel's URL (status), and the filter; then call again."
            : "There is no history yet (\(history.file.path)): start tpot http, which writes it, and call again."
        return RequestList.result([], text, hasMore: false, mask) { json in json.add("timedOut", true) }
    }
}

/// Looks for new requests in the history again and again. One call uses it at a time.
private final class HistoryWatch: Sendable {
    /// How far numbers of requests that come to their end late may lie behind the newest one.
    private static let late: UInt64 = 10_000

    private struct State {
        var query: HistoryQuery
        var reader: HistoryReader?
        var version: Int64?
    }

    private let file: HistoryFile
    private let state: NIOLockedValueBox<State>
    private let started: Int64?

    /// - Parameter started: when the newest tpot was started, if that is known.
    init(_ history: AgentHistory, _ query: HistoryQuery, started: Int64?) {
        file = history.file
        self.started = started
        state = NIOLockedValueBox(State(query: query))
    }

    /// Whether there is a history.
    var isThere: Bool {
        get async { state.withLockedValue { $0.reader != nil } }
    }

    /// What matches, the newest first; nothing if the history has not changed.
    func look(limit: Int) async throws -> (rows: [CaptureRow], hasMore: Bool) {
        try await AgentHistory.blocking { [self] in
            do {
                return try state.withLockedValue { state in try look(limit, &state) }
            } catch let error as HistoryError {
                if error == .missing { return ([], false) }
                throw HistoryCommandRunner.failure(error, file)
            }
        }
    }

    private func look(_ limit: Int, _ state: inout State) throws -> (rows: [CaptureRow], hasMore: Bool) {
        let reader: HistoryReader
        if let known = state.reader {
            reader = known
        } else {
            reader = try HistoryReader(file, meaning: .inspection)
            state.reader = reader
            if state.query.since == nil, state.query.after == nil {
                state.query.since = try started ?? reader.runs(limit: 1).first?.first
            }
        }
        let version = try reader.version()
        guard state.version != version else { return ([], false) }
        let newest = try reader.newestNumber()
        let result = try AgentHistory.rows(state.query, limit: limit, reader)
        state.version = version
        // What was looked at once, and is far behind, is not looked at again.
        if newest > Self.late { state.query.after = max(state.query.after ?? 0, newest - Self.late) }
        return result
    }
}
