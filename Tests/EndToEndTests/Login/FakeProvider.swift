import Crypto
import NIOConcurrencyHelpers
import TestSupport

@testable import TPoTCommand
@testable import TPoTLogin
@testable import TPoTWire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An identity provider over TLS on the loopback, whose users agree to everything.
///
/// Each refresh token works once, as with careful providers.
final class FakeProvider: Sendable {
    struct State: Sendable {
        /// The value of `expires_in`, in seconds.
        var life = 3600
        /// Replaces the discovery document.
        var document: String?
        /// Replaces the answer of the token endpoint.
        var answer: String?
        var takesRefreshTokens = true
        var givesNewRefreshTokens = true
        /// The token endpoint runs this before it answers.
        var beforeTokens: (@Sendable () async -> Void)?
        /// The grant types of all requests to the token endpoint.
        var grants: [String] = []
        fileprivate var challenges: [String: String] = [:]
        fileprivate var refreshTokens: Set<String> = []
        fileprivate var count = 0
    }

    let state = NIOLockedValueBox(State())
    let listener: RawListener
    private let handle: Handle

    /// Gives connections their provider. It does not exist yet when its listener starts.
    private final class Handle: Sendable {
        let provider = NIOLockedValueBox<FakeProvider?>(nil)
    }

    private init(_ listener: RawListener, _ handle: Handle) {
        self.listener = listener
        self.handle = handle
    }

    static func start() async throws -> FakeProvider {
        let handle = Handle()
        let listener = try await RawListener.start(tls: try TestCertificate.serverContext()) { peer in
            let request = try await peer.readMessage()
            guard let provider = handle.provider.withLockedValue({ $0 }) else { return }
            if request.hasPrefix("POST ") { await provider.state.withLockedValue { $0.beforeTokens }?() }
            peer.send(provider.answer(to: request))
            peer.close()
        }
        let provider = FakeProvider(listener, handle)
        handle.provider.withLockedValue { $0 = provider }
        return provider
    }

    func stop() async throws {
        handle.provider.withLockedValue { $0 = nil }
        try await listener.stop()
    }

    var issuer: String { "https://localhost:\(listener.port)/realm" }

    func change(_ body: (inout State) -> Void) { state.withLockedValue(body) }

    /// Makes the token endpoint wait.
    /// - Returns: `asked`, which yields one element for each request, and `answer`, which lets one answer go.
    func holdTokens() -> (asked: AsyncStream<Void>, answer: @Sendable () -> Void) {
        let (questions, asked) = AsyncStream.makeStream(of: Void.self)
        let (answers, answer) = AsyncStream.makeStream(of: Void.self)
        change { state in
            state.beforeTokens = {
                asked.yield()
                for await _ in answers { break }
            }
        }
        return (questions, { answer.yield() })
    }

    /// The redirect to the loopback after the user has agreed at this URL.
    func consent(_ url: String) -> (port: Int, uri: String) {
        let fields = Self.fields(url.drop { $0 != "?" }.dropFirst())
        let redirect = fields["redirect_uri"] ?? ""
        let code = "code \(UInt64.random(in: .min ... .max))&"
        change { $0.challenges[code] = fields["code_challenge"] }
        let port = redirect.split(separator: ":").last.flatMap { Int($0.prefix { $0 != "/" }) } ?? 0
        let query = PercentEncoding.form([("code", code), ("state", fields["state"] ?? ""), ("iss", issuer)])
        return (port, "/callback?\(query)")
    }

    private func answer(to request: String) -> String {
        let parts = request.split(separator: " ", maxSplits: 2)
        switch parts.dropFirst().first {
        case "/realm/.well-known/openid-configuration":
            let document =
                state.withLockedValue { $0.document } ?? """
                    {"issuer":"\(issuer)","authorization_endpoint":"\(issuer)/authorize",\
                    "token_endpoint":"\(issuer)/token"}
                    """
            return document.hasPrefix("HTTP/") ? document : Targets.answer(document)
        case "/realm/token": return token(request)
        default: return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        }
    }

    private func token(_ request: String) -> String {
        let form = Self.fields(request.split(separator: "\r\n").last ?? "")
        return state.withLockedValue { state in
            state.grants.append(form["grant_type"] ?? "")
            if let answer = state.answer { return answer }
            let isGranted =
                form["grant_type"] == "refresh_token"
                ? state.refreshTokens.remove(form["refresh_token"] ?? "") != nil && state.takesRefreshTokens
                : state.challenges.removeValue(forKey: form["code"] ?? "")
                    == AuthorizationRequest.challenge(of: form["code_verifier"] ?? "")
            guard isGranted else {
                let body = #"{"error":"invalid_grant","error_description":"it is <over>"}"#
                return "HTTP/1.1 400 Bad Request\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            }
            state.count += 1
            var refresh = ""
            if form["grant_type"] != "refresh_token" || state.givesNewRefreshTokens {
                state.refreshTokens.insert("refresh-\(state.count)")
                refresh = #","refresh_token":"refresh-\#(state.count)""#
            } else {
                state.refreshTokens.insert(form["refresh_token"] ?? "")
            }
            return Targets.answer(
                #"{"access_token":"access-\#(state.count)","token_type":"Bearer","expires_in":\#(state.life)\#(refresh)}"#
            )
        }
    }

    private static func fields(_ form: some StringProtocol) -> [String: String] {
        let pairs = form.split(separator: "&").map { field in
            let pair = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(pair[0]), PercentEncoding.decode(pair.last ?? ""))
        }
        return Dictionary(pairs) { first, _ in first }
    }
}
