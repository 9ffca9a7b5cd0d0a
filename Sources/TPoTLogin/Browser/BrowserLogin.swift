import NIOCore
import TPoTWire

/// A login in the user's browser.
///
///     invite(URL) ──► browser ──► provider ──► http://127.0.0.1:PORT/callback?code=… ──► token endpoint
struct BrowserLogin: Sendable {
    let server: ServerAddress
    let provider: IdentityProvider
    let audience: String?
    /// 0 for any free port.
    let callbackPort: Int
    /// Words the reason for a failed login, for the page that the browser shows.
    let wording: @Sendable (any Error) -> String
    /// Shows the user the page to log in at.
    let invite: @Sendable (LoginInvitation) -> Void

    /// - Throws: ``LoginError``.
    func run() async throws -> LoginTokens {
        let metadata = try await provider.metadata()
        let request = AuthorizationRequest(provider.account, audience: audience)
        let listener = try await CallbackListener.start(port: callbackPort, eventLoop: provider.web.eventLoop) {
            CallbackQuery($0, state: request.state, issuer: metadata.issuer)
        }
        defer { listener.close() }
        invite(
            LoginInvitation(
                server: server,
                issuer: metadata.issuer,
                url: request.url(at: metadata.authorizationEndpoint, port: listener.port),
                port: listener.port
            )
        )
        let callback = try await listener.callback()
        do {
            switch callback.answer {
            case .refused(let reason):
                throw LoginError.notLetIn(issuer: metadata.issuer, reason)
            case .code(let code):
                let tokens = try await provider.tokens(for: request, code: code, port: listener.port, metadata)
                await callback.show(.succeeded(server.description))
                return tokens
            }
        } catch {
            await callback.show(.failed(wording(error)))
            throw error
        }
    }
}
