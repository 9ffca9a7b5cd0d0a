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
        let display = try ClientDisplay.open(settings.display, environment)
        try await display.closingOnFailure {
            let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
            let server: ServerAddress
            if let configured = settings.server {
                server = configured
            } else {
                (_, server) = try await EmbeddedServer.start(logger: display.logger, eventLoop: loop)
                display.tell(
                    "embedded server on port \(server.port): reachable from this machine only;"
                        + " set a server with --tpot-server, TPOT_SERVER or tpot config"
                )
            }
            let configuration = try configuration(settings, server, environment)
            try await display.run(configuration, isEmbedded: settings.server == nil, eventLoop: loop)
        }
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
