import NIOCore
import TPoTNetwork
import TPoTWire

/// The requests of a login to servers and identity providers, through the proxy of the environment if there is one.
package struct LoginWeb: Sendable {
    /// PEM file with the authorities for the server's certificate. They also apply to the provider's, beside the
    /// system's.
    let serverCAFile: String?
    let proxies: ProxyEnvironment
    package let eventLoop: any EventLoop

    /// - Parameter serverCAFile: PEM file with the authorities for the server's certificate. They also apply to the
    ///   provider's, beside the system's. Nil for the system's authorities alone.
    package init(serverCAFile: String?, proxies: ProxyEnvironment, eventLoop: any EventLoop) {
        self.serverCAFile = serverCAFile
        self.proxies = proxies
        self.eventLoop = eventLoop
    }

    /// Asks a server which authorization it requires.
    func method(of server: ServerAddress) async throws(LoginError) -> AnnouncedMethod {
        let answer = try await call(
            server,
            "/tpot-auth",
            as: .server,
            trust: serverCAFile.map { .roots($0) } ?? .system
        )
        return AnnouncedMethod(status: answer.status, body: String(buffer: answer.body))
    }

    /// Sends a request to a provider: POST if there is a form, else GET.
    func ask(_ address: WebAddress, form: String? = nil) async throws(LoginError) -> (status: Int, JSONObject) {
        let trust = serverCAFile.map { CertificateTrust.additionalRoots($0) } ?? .system
        let peer = ConnectionPeer.provider("\(address.server)")
        let answer = try await call(address.server, address.target, as: peer, form: form, trust: trust)
        func failure(_ oddity: LoginError.OddAnswer) -> LoginError {
            .oddAnswer(address: address.text, status: answer.status, oddity)
        }
        guard !(300...399).contains(answer.status) else {
            throw failure(.redirect(to: VisibleText.line(answer.location)))
        }
        guard answer.status < 500, answer.status != 429 else { throw failure(.noAnswer) }
        guard case .object(let object)? = try? JSONParser.parse(String(buffer: answer.body)) else {
            if answer.status != 200 { return (answer.status, JSONObject()) }
            throw failure(.notJSON)
        }
        return (answer.status, object)
    }

    private func call(
        _ server: ServerAddress,
        _ target: String,
        as peer: ConnectionPeer,
        form: String? = nil,
        trust: CertificateTrust
    ) async throws(LoginError) -> HTTPCaller.Answer {
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
            throw .proxy(error)
        }
        do throws(ConnectionFailure) {
            return try await caller.call(server, target, as: peer, form: form, proxy: proxy)
        } catch {
            throw .notConnected(error)
        }
    }
}
