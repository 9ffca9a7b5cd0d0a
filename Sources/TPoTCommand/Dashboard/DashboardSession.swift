import Dispatch
import Glibc
import Logging
import NIOCore
import TPoTCapture
import TPoTDashboard
import TPoTInspect
import TPoTSystem
import TPoTTerminal
import TPoTTraffic
import TPoTTunnel

/// A tunnel with the dashboard, from taking over the terminal to the last lines after it is given back.
struct DashboardSession {
    let terminal: Terminal
    let log: LogBuffer
    let logger: Logger

    /// Takes over the terminal. Nil if the printer has to be used instead; the reason is then printed on standard
    /// error, unless standard output is simply no terminal.
    static func open(_ level: Logger.Level) -> DashboardSession? {
        do throws(TerminalError) {
            let terminal = try Terminal.open()
            let log = LogBuffer()
            return DashboardSession(terminal: terminal, log: log, logger: DashboardLog.make(level, log))
        } catch {
            if error != .notATerminal { ErrorLines.standard.print("tpot: no dashboard: \(error)") }
            return nil
        }
    }

    /// Runs until the user quits or the client gives up. Returns why the client gave up; nil otherwise.
    /// - Parameter begin: called with the store before the client starts.
    func run(
        _ client: TunnelClient,
        _ bus: TrafficBus,
        _ capture: CaptureSettings,
        _ facts: DashboardFacts,
        _ target: CurlTarget,
        _ environment: [String: String],
        _ history: HistoryWiring,
        _ file: DashboardFile?,
        drain: TimeAmount,
        begin: (CaptureStore) async throws -> Void
    ) async throws -> ConnectFailure? {
        let store = CaptureStore(
            limits: capture.limits,
            meaning: .inspection(capture.webhookSecrets),
            numbers: history.numbers,
            earlierLine: history.earlierLine
        )
        history.follow(store)
        let wiring = DashboardWiring(
            client: client,
            replay: { client.replay($0, of: $1, times: $2) },
            store: store,
            terminal: terminal,
            target: target,
            mask: capture.mask,
            environment: environment,
            file: file,
            signing: facts.signing
        )
        let dashboard = makeDashboard(store, wiring, facts, file, history.loader(into: store))
        let statusLog = DashboardStatusLog(log)
        let feed = CaptureFeed(bus: bus, store: store) { batch in
            statusLog.note(batch.events)
            dashboard.wake()
        }
        try await begin(store)
        if capture.holdsAtStart { client.hold() }
        client.start()
        // When the client gives up, the terminal is closed, which ends the keys and with them the dashboard.
        // This must not run on the event loop: a terminal that takes no output may block it.
        client.outcome.whenComplete { [terminal] _ in Task.detached { terminal.close() } }
        let end = await dashboard.run()
        file?.flush(within: Self.fileLimit)
        await finishWriting(wiring, after: end) { Self.sayGoodbye(store, wiring, client) }
        let givenUp = wiring.givenUpFiles
        wiring.removeTemporaryFiles()
        let signals = StopSignals { _ in
            Self.sayGoodbye(store, wiring, client)
            exit(ExitStatus.stopped.rawValue)
        }
        client.stop(drain: drain)
        // Printed only after a moment, because stopping is usually immediate.
        let patience = Task {
            try await Task.sleep(for: .milliseconds(300))
            ErrorLines.standard.print("tpot: waiting up to 5 s for answers under way; ctrl-C stops at once")
        }
        let failure = try await client.outcome.get()
        patience.cancel()
        withExtendedLifetime(signals) {}
        feed.flush()
        Self.sayGoodbye(store, wiring, client, givenUp)
        return failure
    }

    private func makeDashboard(
        _ store: CaptureStore,
        _ wiring: DashboardWiring,
        _ facts: DashboardFacts,
        _ file: DashboardFile?,
        _ loader: HistoryLoader?
    ) -> Dashboard {
        let (memory, problem) = file?.open() ?? (DashboardMemory(), nil)
        let dashboard = Dashboard(
            terminal: terminal,
            source: store,
            actions: wiring,
            log: log,
            facts: facts,
            memory: memory,
            earlier: loader
        )
        if let problem { dashboard.post(problem) }
        loader?.onMessage { dashboard.post($0) }
        store.onBackgroundChange { dashboard.wake() }
        return dashboard
    }

    /// Waits for the files that the user asked for, for some time.
    /// - Parameter whenCancelled: called before the program ends because the user does not want to wait.
    private func finishWriting(
        _ wiring: DashboardWiring,
        after end: DashboardEnd,
        whenCancelled: @escaping @Sendable () -> Void
    ) async {
        guard wiring.isWriting else { return }
        let limit = end == .quit ? Self.writingLimit : Self.writingLimitAfterSignal
        let seconds = limit.components.seconds
        ErrorLines.standard.print("tpot: waiting up to \(seconds) s for a HAR file to be written; ctrl-C cancels it")
        let signals = StopSignals { _ in
            whenCancelled()
            wiring.removeTemporaryFiles()
            exit(ExitStatus.stopped.rawValue)
        }
        await wiring.finishWriting(within: limit)
        withExtendedLifetime(signals) {}
    }

    /// Shows what was captured before, without a tunnel, until the user quits.
    func show(_ opened: OpenedTraffic, _ facts: DashboardFacts, _ environment: [String: String], _ file: DashboardFile?)
        async
    {
        let store = opened.store
        let wiring = DashboardWiring(
            client: nil,
            replay: opened.replay,
            store: store,
            terminal: terminal,
            target: opened.curlTarget,
            mask: facts.mask,
            environment: environment,
            file: file,
            signing: facts.signing
        )
        let dashboard = makeDashboard(store, wiring, facts, file, opened.loader)
        for message in opened.remarks { dashboard.post(message) }
        let feed = CaptureFeed(bus: opened.bus, store: store) { _ in dashboard.wake() }
        let end = await dashboard.run()
        file?.flush(within: Self.fileLimit)
        @Sendable func tell(_ givenUp: [String]) {
            for file in givenUp { ErrorLines.standard.print("tpot: \(file) was not written: it was cancelled") }
            for file in wiring.writtenFiles { StandardStream.output.print(line: "written: \(file)") }
        }
        await finishWriting(wiring, after: end) { tell(wiring.givenUpFiles) }
        let givenUp = wiring.givenUpFiles
        wiring.removeTemporaryFiles()
        feed.flush()
        tell(givenUp)
    }

    /// How long to wait for an unfinished HAR file when the user quits, and when a signal ends the program.
    private static let writingLimit = Duration.seconds(60)
    private static let writingLimitAfterSignal = Duration.seconds(5)
    /// How long to wait for what the dashboard remembers.
    private static let fileLimit = DispatchTimeInterval.seconds(2)

    private static func sayGoodbye(
        _ store: CaptureStore,
        _ wiring: DashboardWiring,
        _ client: TunnelClient,
        _ givenUp: [String] = []
    ) {
        for file in wiring.givenUpFiles + givenUp {
            ErrorLines.standard.print("tpot: \(file) was not written: it was cancelled")
        }
        guard let url = store.tunnel.url else { return }
        let refused = client.requestsRefused
        let totals = store.totals()
        let requests = max(0, totals.requests - refused)
        let failed = max(0, totals.failed - refused)
        let passed =
            "\(requests) request\(requests == 1 ? "" : "s") passed" + (failed > 0 ? ", \(failed) of them failed" : "")
        let rest = refused == 0 ? "" : ", \(refused) refused while held"
        StandardStream.output.print(line: "\(url) is closed; \(passed)\(rest)")
        for file in wiring.writtenFiles { StandardStream.output.print(line: "written: \(file)") }
    }
}
