import ArgumentParser
import Dispatch
import FoundationEssentials
import Glibc
import Logging
import NIOCore
import TPoTCapture
import TPoTDashboard
import TPoTInspect
import TPoTNetwork
import TPoTSystem
import TPoTTraffic
import TPoTTunnel
import TPoTWire

extension CurlTarget {
    init(_ configuration: TunnelClientConfiguration) {
        self.init(configuration.target, configuration.targetTrust)
    }

    init(_ target: TargetAddress, _ trust: CertificateTrust) {
        let trust: Trust =
            switch trust {
            case .system: .system
            case .anything: .anything
            case .roots(let path), .additionalRoots(let path): .authorities(path)
            }
        self.init(target, trust: trust, workingDirectory: FileManager.default.currentDirectoryPath)
    }
}

/// Shows a client to the user, in the dashboard or as printed lines.
struct ClientDisplay {
    /// How long the last lines may wait for the reader of standard output.
    private static let patience = DispatchTimeInterval.seconds(5)

    /// The most bytes of requests without a dashboard: those that wait to be written to the history, or the newest.
    private static let printerMemory = 16 * 1024 * 1024

    let logger: Logger
    private let settings: DisplaySettings
    private let environment: [String: String]
    private let session: DashboardSession?
    private let file: DashboardFile?

    /// Takes over the terminal, if there is one and the user wants the dashboard.
    /// - Parameter file: what the dashboard remembers; nil if it starts anew.
    static func open(
        _ settings: DisplaySettings,
        _ environment: [String: String],
        _ file: DashboardFile? = nil
    ) throws(CommandError) -> ClientDisplay {
        let level: Logger.Level = settings.debug ? .debug : .notice
        let session = settings.showsDashboard ? DashboardSession.open(level) : nil
        if session == nil, settings.capture.holdsAtStart {
            throw CommandError(.usage, "--hold needs the dashboard: only the dashboard can release held visitors")
        }
        return ClientDisplay(
            logger: session?.logger ?? ProgramLog.make(level, settings.logFormat),
            settings: settings,
            environment: environment,
            session: session,
            file: file
        )
    }

    /// Whether messages to the user are lines of text on standard error instead of log lines.
    private var speaksText: Bool { session == nil && settings.logFormat == .text }

    /// Gives the user a message, at the start of the program.
    func tell(_ text: String) {
        if speaksText { ErrorLines.standard.print("tpot: \(text)") } else { logger.notice("\(text)") }
    }

    /// Gives the user a warning.
    func warn(_ text: String) {
        if speaksText {
            ErrorLines.standard.print("tpot: warning: \(text)")
        } else {
            logger.warning("\(text)")
        }
    }

    /// Repeats warnings in the dashboard's log, because the dashboard covers those that were printed before it opened.
    func repeatWarnings(_ warnings: [String]) {
        if session != nil { for warning in warnings { warn(warning) } }
    }

    /// Runs `body`. If it fails, the terminal is given back before the caller prints why.
    func closingOnFailure(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            session?.terminal.close()
            throw error
        }
    }

    /// Runs a client until it stops. Throws the reason if it stopped without being asked to.
    /// - Parameter drain: how long answers under way may take after the client is asked to stop.
    func run(
        _ configuration: TunnelClientConfiguration,
        isEmbedded: Bool,
        drain: TimeAmount = HTTPCommandRunner.drain,
        eventLoop: any EventLoop,
        control: ControlSettings? = nil,
        whenOnline: (@Sendable (String) -> Void)? = nil
    ) async throws {
        let history = HistoryWiring(
            settings.capture,
            configuration,
            home: ProcessContext.home(in: environment),
            tell: tell,
            warn: { [self] in warn($0) }
        )
        let bus = TrafficBus(bodyLimit: settings.capture.limits.bodyBytes)
        let client: TunnelClient
        do {
            client = try await TunnelClient.make(configuration, bus: bus, logger: logger, eventLoop: eventLoop).get()
        } catch {
            throw CommandError(.badConfig, FailureText.text((error as? TrustFailure) ?? .noSystemRoots))
        }
        if let whenOnline { client.firstURL.whenSuccess(whenOnline) }
        let probe = Task { await warnOfTarget(configuration, client) }
        defer { probe.cancel() }
        let wiring = control.map { settings in
            ControlWiring(settings, environment, tell: { [self] in tell($0) }, warn: { [self] in warn($0) })
        }
        let begin: (CaptureStore) async throws -> Void = { [settings] store in
            guard let wiring else { return }
            let service = RunControl(
                client,
                store,
                bus,
                configuration,
                isEmbedded: isEmbedded,
                mask: settings.capture.mask,
                signing: ReplaySigning(settings.capture.webhookSecrets),
                history,
                api: { [weak wiring] in wiring?.url }
            )
            try await wiring.open(service)
        }
        let failure: ConnectFailure?
        do {
            failure = try await show(client, bus, configuration, isEmbedded: isEmbedded, drain, history, begin)
        } catch {
            await wiring?.close()
            throw error
        }
        await wiring?.close()
        if let warning = history.finish() { warn(warning) }
        if let failure { throw failure }
    }

    /// Shows a client until it has stopped.
    /// - Parameter begin: called with the store before the client starts.
    private func show(
        _ client: TunnelClient,
        _ bus: TrafficBus,
        _ configuration: TunnelClientConfiguration,
        isEmbedded: Bool,
        _ drain: TimeAmount,
        _ history: HistoryWiring,
        _ begin: (CaptureStore) async throws -> Void
    ) async throws -> ConnectFailure? {
        guard let session else { return try await runPrinter(client, bus, history, drain, begin) }
        let scheme = configuration.target.isTLS ? "https" : "http"
        return try await session.run(
            client,
            bus,
            settings.capture,
            DashboardFacts(
                target: "\(scheme)://\(configuration.target.hostHeader)",
                isEmbedded: isEmbedded,
                mask: settings.capture.mask,
                signing: ReplaySigning(settings.capture.webhookSecrets)
            ),
            CurlTarget(configuration),
            environment,
            history,
            file,
            drain: drain,
            begin: begin
        )
    }

    /// Checks the target once the tunnel is up, and warns if it cannot be reached. It is checked only once: a target
    /// that is started later causes no second message.
    private func warnOfTarget(_ configuration: TunnelClientConfiguration, _ client: TunnelClient) async {
        guard (try? await client.firstURL.get()) != nil, let cause = try? await client.probeTarget().get(),
            !Task.isCancelled
        else { return }
        let target = configuration.target
        let wording = FailureText(server: configuration.server, target: target)
        warn(
            "the target \(target) cannot be reached: \(cause); visitors get 503 until it can: "
                + wording.wayOut(cause, .target)
        )
    }

    /// Holds requests until they are in the history. Without one, it keeps the newest, for other programs.
    private func store(_ history: HistoryWiring) -> CaptureStore {
        var limits = settings.capture.limits
        limits.memoryBytes = min(limits.memoryBytes, Self.printerMemory)
        let store = CaptureStore(
            limits: limits,
            meaning: .inspection(settings.capture.webhookSecrets),
            numbers: history.numbers,
            isOnlyForSaving: history.isOn
        )
        history.follow(store)
        return store
    }

    private func runPrinter(
        _ client: TunnelClient,
        _ bus: TrafficBus,
        _ history: HistoryWiring,
        _ drain: TimeAmount,
        _ begin: (CaptureStore) async throws -> Void
    ) async throws -> ConnectFailure? {
        let diagnostics: HeadlessPrinter.Diagnostics = { [logger, speaksText] line in
            if speaksText { ErrorLines.standard.print("tpot: \(line)") } else { logger.warning("\(line)") }
        }
        let output = PrinterOutput(
            write: { StandardStream.output.put($0) },
            diagnostics: diagnostics,
            whenClosed: { client.stop(drain: drain) }
        )
        let printer = HeadlessPrinter(
            format: settings.logFormat,
            mask: settings.capture.mask,
            isKept: history.isKept,
            output: output.put,
            diagnostics: diagnostics
        )
        let store = store(history)
        let printing = PrinterLoop(bus: bus, printer: printer, store: store)
        let signals = StopSignals { isFirst in
            // A second signal does not wait for the reader of standard output.
            guard isFirst else { exit(ExitStatus.stopped.rawValue) }
            client.stop(drain: drain)
        }
        try await begin(store)
        client.start()
        let failure = try await client.outcome.get()
        if !printing.flush(within: Self.patience) {
            diagnostics("standard output is not read: its last lines are lost")
        }
        withExtendedLifetime(signals) {}
        // No message is printed: a pipe to `head` is meant to be closed.
        if output.finish(), failure == nil { throw ExitCode(ExitStatus.outputClosed.rawValue) }
        return failure
    }
}
