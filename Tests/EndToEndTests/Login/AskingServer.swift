import NIOConcurrencyHelpers
import TestSupport

/// A TPoT server like 0.3.0: `/tpot-auth` announces its method, and it accepts clients with the right Authorization.
final class AskingServer: Sendable {
    struct State: Sendable {
        /// The body of `/tpot-auth`; nil for a server without that path.
        var announcement: String?
        /// Whether this value of Authorization opens a tunnel; by default none does.
        var accepts: @Sendable (String?) -> Bool = { _ in false }
        /// The requested paths with the Authorization that came with them: `/create-tpot`, `/create-tpot Bearer …`.
        var requests: [String] = []
        fileprivate var tunnels: [RawPeer] = []
    }

    let state: NIOLockedValueBox<State>
    let listener: RawListener

    private init(_ state: NIOLockedValueBox<State>, _ listener: RawListener) {
        self.state = state
        self.listener = listener
    }

    static func start(announcing announcement: String?, isTLS: Bool = true) async throws -> AskingServer {
        let state = NIOLockedValueBox(State(announcement: announcement))
        let listener = try await RawListener.start(tls: isTLS ? try TestCertificate.serverContext() : nil) { peer in
            try await serve(peer, state)
        }
        return AskingServer(state, listener)
    }

    var requests: [String] { state.withLockedValue { $0.requests } }

    func change(_ body: (inout State) -> Void) { state.withLockedValue(body) }

    /// Closes the connections of all tunnels.
    func dropTunnels() {
        for peer in state.withLockedValue({ $0.tunnels }) { peer.close() }
    }

    private static func serve(_ peer: RawPeer, _ state: NIOLockedValueBox<State>) async throws {
        let request = try await peer.read(through: "\r\n\r\n")
        // The query is left out, because the name in it is random.
        let path = request.split(separator: " ").dropFirst().first.map { String($0.prefix { $0 != "?" }) } ?? ""
        let shown = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix("authorization: ") }
            .map { String($0.dropFirst("authorization: ".count)) }
        let (announcement, isAccepted) = state.withLockedValue { state in
            state.requests.append(shown.map { "\(path) \($0)" } ?? path)
            return (state.announcement, state.accepts(shown))
        }
        if path == "/tpot-auth" {
            peer.send(announcement.map { Targets.answer($0) } ?? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            peer.close()
        } else if isAccepted {
            ScriptedServer.upgrade(peer, request).send(Array("\u{11}GTPoT/1 asked".utf8))
            state.withLockedValue { $0.tunnels.append(peer) }
        } else {
            peer.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 20\r\n\r\nUnauthorized (tests)")
            peer.close()
        }
    }
}
