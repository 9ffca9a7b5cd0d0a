import NIOCore
import TPoTNetwork
import TPoTTunnel
import TPoTWire

/// What a login asks of servers and identity providers, through the proxy of the environment where there is one.
struct LoginWeb: Sendable {
    /// PEM file with the authorities that the server's certificate is checked against, and the provider's too, beside the
    /// system's.
    let serverCAFile: String?
    let proxies: ProxyEnvironment
    let eventLoop: any EventLoop

    /// Asks a server how it wants to be convinced.
    func method(of server: ServerAddress) async throws(ConnectFailure) -> AnnouncedMethod {
        let answer = try await call(
            server,
            "/tpot-auth",
            as: .server,
            trust: serverCAFile.map { .roots($0) } ?? .system
        )
        return AnnouncedMethod(status: answer.status, body: String(buffer: answer.body))
    }

    /// Asks a provider; with a form by POST.
    func ask(_ address: WebAddress, form: String? = nil) async throws(ConnectFailure) -> (status: Int, JSONObject) {
        let trust = serverCAFile.map { CertificateTrust.additionalRoots($0) } ?? .system
        let peer = ConnectionPeer.provider("\(address.server)")
        let answer = try await call(address.server, address.target, as: peer, form: form, trust: trust)
        func failure(_ reason: String) -> ConnectFailure {
            .providerFailed("the identity provider answered \(answer.status) at \(address.text)\(reason)")
        }
        guard !(300...399).contains(answer.status) else {
            throw failure(", which leads to \(VisibleText.line(answer.location)); redirects are not followed")
        }
        // Too many requests, or an accident: no answer to what was asked.
        guard answer.status < 500, answer.status != 429 else { throw failure("") }
        guard case .object(let object)? = try? JSONParser.parse(String(buffer: answer.body)) else {
            if answer.status != 200 { return (answer.status, JSONObject()) }
            throw failure(" with something that is no JSON object")
        }
        return (answer.status, object)
    }

    private func call(
        _ server: ServerAddress,
        _ target: String,
        as peer: ConnectionPeer,
        form: String? = nil,
        trust: CertificateTrust
    ) async throws(ConnectFailure) -> HTTPCaller.Answer {
        let caller: HTTPCaller
        let proxy: HTTPProxy?
        do throws(TrustFailure) {
            caller = try HTTPCaller(trust, eventLoop: eventLoop)
        } catch {
            throw .notConnected(.noTrust(error))
        }
        do throws(ProxyVariableError) {
            proxy = try proxies.proxy(for: server)
        } catch {
            throw .providerFailed(FailureText.text(error))
        }
        do throws(ConnectionFailure) {
            return try await caller.call(server, target, as: peer, form: form, proxy: proxy)
        } catch {
            throw .notConnected(error)
        }
    }
}
