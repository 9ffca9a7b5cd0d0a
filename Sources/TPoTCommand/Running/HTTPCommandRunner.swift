import NIOCore
import NIOPosix
import TPoTLogin
import TPoTNetwork
import TPoTTunnel
import TPoTWire

/// Runs the tunnel of `tpot http` until it is asked to stop.
enum HTTPCommandRunner {
    /// How long answers under way may take after a signal.
    static let drain = TimeAmount.seconds(5)

    static func run(_ settings: TunnelSettings, in context: ProcessContext) async throws {
        FileLimit.raise()
        MemoryTrim.start()
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        guard let server = settings.server else { return try await runEmbedded(settings, in: context, loop) }
        let login = ServerLogin(server, settings.login, serverCAFile: settings.serverCAFile, loop, in: context)
        try await FailureText.naming(server) {
            // A corrupt file is named before anything else happens.
            if settings.credential == .login, server.isTLS { _ = try login.tokens.read() }
            do {
                try await run(settings, login, hasPerson: context.hasReader, in: context)
            } catch ConnectFailure.notAuthorizedBy(AuthorizerFailure(LoginError.loginNeeded)) {
                // The client has stopped and the terminal was given back. The user is asked to log in once.
                let granted = try await LoginCommandRunner.ask(login, in: context)
                try await run(settings, login, hasPerson: false, fresh: granted?.tokens, in: context)
            }
        }
    }

    private static func run(
        _ settings: TunnelSettings,
        _ login: ServerLogin,
        hasPerson: Bool,
        fresh: LoginTokens? = nil,
        in context: ProcessContext
    ) async throws {
        let display = try ClientDisplay.open(settings.display, context.environment, DashboardFile(home: context.home))
        display.repeatWarnings(settings.warnings)
        try await display.closingOnFailure {
            var configuration = try configuration(settings, login.server, context.environment)
            configuration.authorizer = LoginAuthorizer(
                settings.credential,
                login,
                hasPerson: hasPerson,
                fresh: fresh,
                logger: display.logger
            )
            try await display.run(
                configuration,
                isEmbedded: false,
                eventLoop: login.web.eventLoop,
                control: settings.control
            )
        }
    }

    private static func runEmbedded(
        _ settings: TunnelSettings,
        in context: ProcessContext,
        _ eventLoop: any EventLoop
    ) async throws {
        let display = try ClientDisplay.open(settings.display, context.environment, DashboardFile(home: context.home))
        display.repeatWarnings(settings.warnings)
        try await display.closingOnFailure {
            let (_, server) = try await EmbeddedServer.start(
                target: settings.target,
                logger: display.logger,
                eventLoop: eventLoop
            )
            let place = EmbeddedServer.place(server.port, target: settings.target)
            display.tell(
                "embedded server on \(place): reachable from this machine only;"
                    + " set a server with --tpot-server, TPOT_SERVER or tpot config"
            )
            let configuration = try configuration(settings, server, context.environment)
            try await FailureText.naming(server) {
                try await display.run(configuration, isEmbedded: true, eventLoop: eventLoop, control: settings.control)
            }
        }
    }

    static func configuration(
        _ settings: TunnelSettings,
        _ server: ServerAddress,
        _ environment: [String: String]
    ) throws(CommandError) -> TunnelClientConfiguration {
        var configuration = TunnelClientConfiguration(
            server: server,
            target: settings.target,
            wording: FailureText(server: server, target: settings.target)
        )
        configuration.serverTrust = settings.serverCAFile.map { .roots($0) } ?? .system
        do throws(ProxyVariableError) {
            configuration.proxy = try ProxyEnvironment(environment).proxy(for: server)
        } catch {
            throw CommandError(.usage, FailureText.text(error))
        }
        configuration.authKey = settings.authKey
        configuration.subdomain = settings.subdomain
        configuration.targetTrust =
            settings.trustsAnyTarget ? .anything : settings.targetCAFile.map { .roots($0) } ?? .system
        configuration.hostRewrite = settings.hostRewrite
        configuration.addsForwardedHeaders = settings.addsForwardedHeaders
        configuration.reconnects = settings.reconnects
        configuration.waitsForServer = settings.waitsForServer
        return configuration
    }
}

extension TunnelSettings {
    fileprivate var credential: LoginAuthorizer.Credential {
        authKey != nil ? .key : accessToken.map { .accessToken($0) } ?? .login
    }
}

extension ExitStatus {
    init(_ failure: ConnectFailure) {
        self =
            switch failure {
            case .lost(.takenOver): .temporaryFailure
            case .notConnected, .lost, .stopped, .notFound, .redirected, .speaksTLS, .refused,
                .takenForPage, .serverBusy, .notATunnelServer:
                .serverUnreachable
            case .notAuthorized: .notAuthorised
            case .notAuthorizedBy(let failure): failure.error.isForThePerson ? .notAuthorised : .serverUnreachable
            case .nameReserved: .usage
            case .subdomainTaken, .subdomainKept, .drawnNameTaken, .tooManyTunnels, .mustWait: .temporaryFailure
            case .protocolError: .protocolError
            }
    }
}

extension ExitStatus {
    init(_ error: LoginError) {
        self = error.isForThePerson ? .notAuthorised : .serverUnreachable
    }
}
