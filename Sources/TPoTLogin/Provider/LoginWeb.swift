import NIOCore
import TPoTNetwork
import TPoTWire

/// What a login asks of servers and identity providers, through the proxy of the environment where there is one.
package struct LoginWeb: Sendable {
    /// PEM file with the authorities that the server's certificate is checked against, and the provider's too, beside the
    /// system's.
    let serverCAFile: String?
    let proxies: ProxyEnvironment
    package let eventLoop: any EventLoop

    /// - Parameter serverCAFile: PEM file with the authorities that the server's certificate is checked against, and the
    ///   provider's too, beside the system's; nil for the system's alone.
    package init(serverCAFile: String?, proxies: ProxyEnvironment, eventLoop: any EventLoop) {
        self.serverCAFile = serverCAFile
        self.proxies = proxies
        self.eventLoop = eventLoop
    }

    /// Asks a server how it wants to be convinced.
    func method(of server: ServerAddress) async throws(LoginError) -> AnnouncedMethod {
        let answer = try await call(
            server,
            "/tpot-auth",
            as: .server,
            trust: serverCAFile.map { .roots($0) } ?? .system
        )
        return AnnouncedMethod(status: answer.status, body: String(buffer: answer.body))
    }

    /// Asks a provider; with a form by POST.
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
