import Logging
import NIOCore
import TPoTLogin
import TPoTNetwork
import TPoTTunnel
import TPoTWire

extension ServerLogin {
    /// - Parameter serverCAFile: PEM file with the authorities for the certificates of server and provider; nil for the
    ///   system's.
    init(
        _ server: ServerAddress,
        _ settings: LoginSettings,
        serverCAFile: String?,
        _ eventLoop: any EventLoop,
        in context: ProcessContext
    ) {
        self.init(
            server: server,
            settings: settings,
            web: LoginWeb(
                serverCAFile: serverCAFile,
                proxies: ProxyEnvironment(context.environment),
                eventLoop: eventLoop
            ),
            tokens: TokenFile(home: context.home),
            wording: FailureText(server: server).text(of:)
        )
    }
}

extension LoginAuthorizer: TunnelAuthorizer {
    /// - Parameters:
    ///   - fresh: what a person has just logged in for: tried first, and if it is refused, nothing else.
    ///   - logger: gets a line when the login has ended or was not renewed.
    ///   - pause: waits until a renewal is due; a test lets time pass otherwise.
    init(
        _ credential: Credential,
        _ login: ServerLogin,
        hasPerson: Bool,
        fresh: LoginTokens? = nil,
        logger: Logger,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        let wording = FailureText(server: login.server)
        self.init(
            credential,
            login,
            hasPerson: hasPerson,
            fresh: fresh,
            tell: { notice in
                let level: Logger.Level = if case .notRenewed = notice { .debug } else { .warning }
                logger.log(level: level, "\(wording.text(notice))")
            },
            pause: pause
        )
    }
}

extension LoginError: AuthorizerError {
    /// The user is asked by the command, while no client has the terminal.
    package var isForTheOwner: Bool { self == .loginNeeded }
}
