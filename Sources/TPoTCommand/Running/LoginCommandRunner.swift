import Glibc
import NIOPosix
import TPoTNetwork
import TPoTTunnel

/// Does what `tpot login` and `tpot logout` ask for; both say in a line what was done.
enum LoginCommandRunner {
    static func logIn(_ settings: LoginCommandSettings, in context: ProcessContext) async throws -> String {
        let login = ServerLogin(
            server: settings.server,
            settings: settings.login,
            web: LoginWeb(
                serverCAFile: settings.serverCAFile,
                proxies: ProxyEnvironment(context.environment),
                eventLoop: MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
            ),
            tokens: TokenFile(in: context)
        )
        guard let (account, _) = try await FailureText.naming(settings.server, { try await ask(login, in: context) })
        else {
            return "\(settings.server) wants no login"
        }
        return "logged in with \(settings.server) at \(account.issuer)"
    }

    static func logOut(_ settings: LoginCommandSettings, in context: ProcessContext) async throws -> String {
        let tokens = TokenFile(in: context)
        guard try tokens.read().account(for: settings.server) != nil else {
            return "there is no login with \(settings.server)"
        }
        let servers = try await tokens.change { $0.forget(settings.server) }
        return "logged out with \(servers.joined(separator: ", "))"
    }

    /// Has the user log in; ends the process if they would rather not.
    static func ask(_ login: ServerLogin, in context: ProcessContext) async throws -> (
        account: LoginAccount, tokens: LoginTokens
    )? {
        // A corrupt file is found before anybody has logged in in vain.
        _ = try login.tokens.read()
        let signals = StopSignals { _ in exit(ExitStatus.notAuthorised.rawValue) }
        defer { withExtendedLifetime(signals) {} }
        return try await login.run { $0.show(in: context.environment) }
    }
}
