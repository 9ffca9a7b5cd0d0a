import Glibc
import Logging
import NIOCore
import NIOPosix
import TPoTTraffic
import TPoTTunnel
import TPoTWire

/// Runs the tunnel of `tpot http` until it is asked to stop.
enum HTTPCommandRunner {
    /// For answers under way after a signal.
    static let drain = TimeAmount.seconds(5)

    static func run(_ settings: TunnelSettings, environment: [String: String]) async throws {
        FileLimit.raise()
        let logger = ProgramLog.make(settings.debug ? .debug : .notice)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let server: ServerAddress
        if let configured = settings.server {
            server = configured
        } else {
            (_, server) = try await EmbeddedServer.start(logger: logger, eventLoop: loop)
            StandardStream.error.print(
                line: "tpot: embedded server on port \(server.port): reachable from this machine only;"
                    + " set a server with --tpot-server, TPOT_SERVER or tpot config"
            )
        }
        let configuration = try self.configuration(settings, server, environment)
        try await runClient(configuration, settings.logFormat, logger: logger, eventLoop: loop)
    }

    /// Runs a client with the headless printer until it stops; throws why, if it was not asked to.
    static func runClient(
        _ configuration: TunnelClientConfiguration,
        _ format: LogFormat,
        logger: Logger,
        eventLoop: any EventLoop,
        whenOnline: (@Sendable (String) -> Void)? = nil
    ) async throws {
        let bus = TrafficBus()
        let printer = HeadlessPrinter(
            format: format,
            output: { StandardStream.output.put($0) },
            diagnostics: { StandardStream.error.print(line: "tpot: \($0)") }
        )
        let printing = PrinterLoop(bus: bus, printer: printer)
        let client: TunnelClient
        do {
            client = try await TunnelClient.make(configuration, bus: bus, logger: logger, eventLoop: eventLoop).get()
        } catch {
            throw CommandError(.badConfig, "the certificates cannot be used: \(error)")
        }
        let signals = StopSignals { isFirst in
            // The second one does not even wait for whoever reads standard output.
            guard isFirst else { exit(ExitStatus.stopped.rawValue) }
            client.stop(drain: drain)
        }
        if let whenOnline { client.firstURL.whenSuccess(whenOnline) }
        client.start()
        let failure = try await client.outcome.get()
        printing.flush()
        withExtendedLifetime(signals) {}
        if let failure { throw CommandError(ExitStatus(failure), "\(failure)") }
    }

    static func configuration(
        _ settings: TunnelSettings,
        _ server: ServerAddress,
        _ environment: [String: String]
    ) throws(CommandError) -> TunnelClientConfiguration {
        var configuration = TunnelClientConfiguration(server: server, target: settings.target)
        configuration.serverTrust = settings.serverCAFile.map { .roots($0) } ?? .system
        configuration.proxy = try ProxyEnvironment(environment).proxy(for: server)
        configuration.authKey = settings.authKey
        configuration.subdomain = settings.subdomain
        configuration.targetTrust =
            settings.trustsAnyTarget ? .anything : settings.targetCAFile.map { .roots($0) } ?? .system
        configuration.hostRewrite =
            switch settings.hostRewrite {
            case .target: .target
            case .value(let host): .value(host)
            case .off: .none
            }
        configuration.forwardedHeaders = settings.addsForwardedHeaders
        configuration.reconnects = settings.reconnects
        configuration.waitsForServer = settings.waitsForServer
        return configuration
    }
}

extension ExitStatus {
    init(_ failure: ConnectFailure) {
        self =
            switch failure {
            case .unreachable, .notFound, .refused, .notATunnelServer: .serverUnreachable
            case .notAuthorized: .notAuthorised
            case .subdomainTaken: .subdomainTaken
            case .protocolError: .protocolError
            }
    }
}
