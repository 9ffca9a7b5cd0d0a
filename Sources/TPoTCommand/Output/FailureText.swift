import TPoTInspect
import TPoTLogin
import TPoTNetwork
import TPoTTunnel
import TPoTWire

/// What a person reads when a connection fails: the peer, its address, the cause, and the remedy. All such sentences
/// are here; the libraries only have cases.
struct FailureText: FailureWording {
    let server: ServerAddress
    var target: TargetAddress?

    func text(_ failure: ConnectFailure) -> String {
        switch failure {
        case .notConnected(let failure): text(failure)
        case .lost(.connectionLost(let cause)): "the tunnel to the server \(server) was lost: \(cause)"
        case .lost(.takenOver):
            "the tunnel at the server \(server) was taken over by another client with the lease of its name: this client stops;"
                + " the other one is a copy of it, as of a virtual machine, and one of the two needs another --subdomain"
        case .lost(let end): "the tunnel to the server \(server) was lost: \(end)"
        case .stopped: "asked to stop"
        case .notAuthorized(let detail):
            "the server \(server) did not authorize us: \(detail); check the key, and this machine's clock"
        case .notAuthorizedBy(let failure): text(of: failure.error)
        case .subdomainTaken(let detail), .subdomainKept(let detail, _):
            "the subdomain is taken: \(detail), says the server \(server); choose another one with --subdomain, or wait if"
                + " an earlier session still holds it"
        case .drawnNameTaken(let detail):
            "the server \(server) does not give the name that was drawn at random: \(detail); ask for one of your own with"
                + " --subdomain"
        case .nameReserved(let detail):
            "the server \(server) keeps this name for itself: \(detail); choose another one with --subdomain, or have its"
                + " operator change --reserved-names"
        case .tooManyTunnels(let detail):
            "the server \(server) gives this address no more tunnels: \(detail); close one, or have its operator raise"
                + " --max-tunnels"
        case .mustWait(let detail):
            "the server \(server) makes this address wait: \(detail); check the key, and try again after that time"
        case .takenForPage(let detail):
            "the server \(server) took this client for a web page: \(detail); have the proxy on the way leave Origin out"
        case .serverBusy(let detail):
            "the server \(server) has too much to do: \(detail); try again, or keep trying with --wait"
        case .notFound(let detail):
            "the server \(server) does not know itself by this URL: \(answer(404, detail)); check it, or have the proxy"
                + " before the server pass Host on"
        case .redirected(let status, let location):
            "the server \(server) answered \(status) and leads to \(location): \(wayOutOfRedirect(location))"
        case .speaksTLS: "the server \(server) speaks https: write \(secureServer)"
        case .refused(let status, let detail):
            "the server \(server) refused: \(answer(status, detail))\(wayOutOfRefusal(status, detail))"
        case .notATunnelServer(let answer): "this is not a TPoT server: \(server) \(text(answer))"
        case .protocolError(let detail):
            "the server \(server) does not keep to the protocol: \(detail); check that it is a TPoT server"
        }
    }

    func text(_ failure: ConnectionFailure) -> String {
        switch failure {
        case .unreachable(.server, let cause):
            "the server \(server) cannot be reached: \(cause); \(wayOut(cause, .server))"
        case .unreachable(.provider(let address), let cause):
            "the identity provider \(address) cannot be reached: \(cause); \(wayOut(cause, .provider(address)))"
        case .unreachable(.proxy(let address), let cause):
            "the proxy \(address) cannot be reached: \(cause); \(wayOutOfProxy)"
        case .refusedByProxy(let address, status: 407, _):
            "the proxy \(address) wants credentials, or other ones (407): \(proxyVariable)=http://USER:PASSWORD@\(address)"
        case .refusedByProxy(let address, let status, let reason):
            "the proxy \(address) did not connect us to the server \(server): \(answer(status, reason)); have its operator"
                + " allow that, or \(wayOutOfProxy)"
        case .noTrust(let failure): Self.text(failure)
        }
    }

    /// The sentence for an error that made a command, a login or a renewal fail.
    func text(of error: any Error) -> String {
        switch error {
        case let failure as ConnectFailure: text(failure)
        case let error as LoginError: text(error)
        case let error as TokenFileError: Self.text(error)
        case let error as CommandError: error.message
        default: "\(NetworkCause(error))"
        }
    }

    func text(ofTarget cause: NetworkCause) -> String {
        let address = target.map { "\($0): " } ?? ""
        return "\(address)\(cause); \(wayOut(cause, .target))"
    }

    static func text(_ failure: TrustFailure) -> String {
        switch failure {
        case .noSystemRoots:
            "no certificate can be checked: this system has no certificates of authorities; install its package"
                + " ca-certificates, or name a PEM file with --server-ca (for the target --target-ca)"
        case .missingFile(let path): "the certificate file \(path) does not exist"
        case .unusableFile(let path): "the certificate file \(path) cannot be used: no certificates in PEM are in it"
        }
    }

    static func text(_ error: ProxyVariableError) -> String {
        let value = error.value.hasPrefix("@") ? SecretMask.urlText + error.value : error.value
        return "\(error.name): \(value.debugDescription) is no HTTP proxy; write http://host:port, or unset it"
    }

    // MARK: Ways out

    enum Role {
        case server, target
        /// An identity provider, with its address.
        case provider(String)
    }

    func wayOut(_ cause: NetworkCause, _ role: Role) -> String {
        switch (cause, role) {
        case (.certificate(.notTrusted), .target):
            "name the PEM file of its authority with --target-ca, or take any certificate with --insecure-target"
        case (.certificate(.notTrusted), _): "name the PEM file of its authority with --server-ca"
        case (.certificate(.expired), .target):
            "renew it, check this machine's clock, or take any certificate with --insecure-target"
        case (.certificate(.expired), _): "have its operator renew it, and check this machine's clock"
        case (.certificate(.notYetValid), _): "check this machine's clock"
        case (.certificate(.wrongName), .target):
            "name it as its certificate does, or take any certificate with --insecure-target"
        case (.certificate(.wrongName), _): "check the name, which has to be one of its certificate"
        case (.notTLS, .server): "if it speaks http, write http://\(server.bracketedHost):\(server.port)"
        case (.notTLS, .target): "if it speaks http, write \(target.map { "http://\($0.hostHeader)" } ?? "http://")"
        case (.speaksTLS, .target): secureTarget
        case (_, .target) where cause.isEndByPeer && target?.isTLS == false: secureTarget
        case (_, .server) where (cause.isEndByPeer || cause == .noAnswer) && !server.isTLS:
            "if it speaks https, write \(secureServer)"
        case (.clientCertificateWanted, _): "tpot has none: let it ask for none"
        case (.tls, _): "it may speak other versions of TLS, or want a client certificate, which tpot does not have"
        case (.nameNotFound, _): "check the name, and this machine's network"
        case (_, .server): "check its address and port, and that it runs; --wait keeps trying"
        case (_, .target): "start it, or name another"
        case (_, .provider): "try again later, or ask its administrator"
        }
    }

    private var secureServer: String { "https://\(server.bracketedHost):\(server.port)" }

    private var secureTarget: String {
        guard let target, case .host = target.endpoint else { return "start it, or name another" }
        return "if it speaks https, write https://\(target.hostHeader)"
    }

    private var proxyVariable: String { server.isTLS ? "HTTPS_PROXY" : "HTTP_PROXY" }

    private var wayOutOfProxy: String {
        "check \(proxyVariable) or ALL_PROXY, or except the server with NO_PROXY=\(server.host)"
    }

    private func wayOutOfRedirect(_ location: String) -> String {
        guard !server.isTLS, let other = WebAddress(location)?.server, other.host == server.host else {
            return "redirects are not followed; check the server URL"
        }
        return "write \(other)"
    }

    private func wayOutOfRefusal(_ status: Int, _ detail: String) -> String {
        switch status {
        case 400 where detail.contains("subdomain"): "; check --subdomain"
        case 400 where !server.isTLS: "; if it speaks https, write \(secureServer)"
        case 503 where detail.contains("tunnel not found"): "; this is a tunnel's name: leave its first part out"
        default: ""
        }
    }

    // MARK: Answers

    /// The reason is a quote, which may begin with the standard phrase of the status.
    func answer(_ status: Int, _ reason: String) -> String { "\(status) \(reason)" }

    private func text(_ answer: ForeignAnswer) -> String {
        switch answer {
        case .status(let status, let reason): "answered \(self.answer(status, reason)); check the server URL"
        case .notHTTP where server.isTLS: "does not speak HTTP; check the server URL"
        case .notHTTP: "does not speak HTTP; if it speaks https, write \(secureServer)"
        case .noWebSocket:
            "does not answer the WebSocket handshake; check the server URL, and what is before the server"
        }
    }
}

extension FailureText {
    /// Runs `body`. If a connection or a login fails in it, the command ends with the sentence and the exit code for
    /// that.
    static func naming<Result>(
        _ server: ServerAddress,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let failure as ConnectFailure {
            throw CommandError(ExitStatus(failure), FailureText(server: server).text(failure))
        } catch let error as LoginError {
            throw CommandError(ExitStatus(error), FailureText(server: server).text(error))
        } catch let error as TokenFileError {
            throw CommandError(.badConfig, FailureText.text(error))
        }
    }
}
