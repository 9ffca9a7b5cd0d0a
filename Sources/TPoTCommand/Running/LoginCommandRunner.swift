import Glibc
import NIOPosix
import TPoTLogin

/// Does what `tpot login` and `tpot logout` ask for; both say in a line what was done.
enum LoginCommandRunner {
    static func logIn(_ settings: LoginCommandSettings, in context: ProcessContext) async throws -> String {
        let login = ServerLogin(
            settings.server,
            settings.login,
            serverCAFile: settings.serverCAFile,
            MultiThreadedEventLoopGroup(numberOfThreads: 1).next(),
            in: context
        )
        guard let (account, _) = try await FailureText.naming(settings.server, { try await ask(login, in: context) })
        else {
            return "\(settings.server) wants no login"
        }
        return "logged in with \(settings.server) at \(account.issuer)"
    }

    static func logOut(_ settings: LoginCommandSettings, in context: ProcessContext) async throws -> String {
        let tokens = TokenFile(home: context.home)
        return try await FailureText.naming(settings.server) {
            guard try tokens.read().account(for: settings.server) != nil else {
                return "there is no login with \(settings.server)"
            }
            let servers = try await tokens.change { $0.forget(settings.server) }
            return "logged out with \(servers.joined(separator: ", "))"
        }
    }

    /// Has the user log in; ends the process if they would rather not.
    static func ask(_ login: ServerLogin, in context: ProcessContext) async throws -> (
        account: LoginAccount, tokens: LoginTokens
    )? {
        // A corrupt file is found before the user logs in for nothing.
        _ = try login.tokens.read()
        let signals = StopSignals { _ in exit(ExitStatus.notAuthorised.rawValue) }
        defer { withExtendedLifetime(signals) {} }
        return try await login.run { $0.show(in: context.environment) }
    }
}
