import Logging
import NIOCore
import TPoTLogin
import TPoTNetwork
import TPoTTunnel
import TPoTWire

extension ServerLogin {
    /// - Parameter serverCAFile: PEM file with authorities for the certificates of server and provider; nil for the
    ///   system's authorities alone.
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
    ///   - fresh: tokens from a login just made: tried first. If they are refused, nothing else is tried.
    ///   - logger: gets a line when the login has ended or was not renewed.
    ///   - pause: waits until a renewal is due; a test can replace it.
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
    /// The command asks the user, at a time when no client uses the terminal.
    package var isForTheOwner: Bool { self == .loginNeeded }
}
