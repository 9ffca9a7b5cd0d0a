import NIOHTTP1

/// Why the server could not be reached, or did not make a tunnel. Its text is for the user.
package enum ConnectFailure: Error, Hashable, Sendable {
    /// No connection: name, network, proxy, TLS, or no answer.
    case unreachable(String)
    /// 401: no or wrong key, or a clock that is off.
    case notAuthorized(String)
    /// 401, and it is known what the server wants instead; the text says all.
    case credentialsNeeded(String)
    /// 401, and a person at this terminal can log in. No end: whoever started the client asks them, and starts another.
    case loginNeeded
    /// The identity provider cannot be reached, or does not answer as one; the text says all.
    case providerFailed(String)
    /// 409: somebody has the subdomain.
    case subdomainTaken(String)
    /// 409 or 403: a name that nobody asked for, but was drawn at random.
    case drawnNameTaken(String)
    /// 403: the operator keeps the name.
    case nameReserved(String)
    /// 429: our address has as many tunnels as it may have.
    case tooManyTunnels(String)
    /// 429: wrong keys came from our address, which has to wait now, whatever its key.
    case mustWait(String)
    /// 403: something on the way made us look like a web page.
    case takenForPage(String)
    /// 503: too many wait there for the check of their keys.
    case serverBusy(String)
    /// 404: the server does not know its own name in our URL.
    case notFound
    /// Another status that a TPoT server gives; the text is its body.
    case refused(status: Int, String)
    /// What answers there is no TPoT server.
    case notATunnelServer(String)
    /// The tunnel was made and then the server did not keep to the protocol.
    case protocolError(String)

    /// Waiting changes nothing: somebody has to give another key, or log in.
    var isForThePerson: Bool {
        switch self {
        case .notAuthorized, .credentialsNeeded, .loginNeeded, .nameReserved, .takenForPage: true
        default: false
        }
    }

    /// The same, of a name that was drawn at random.
    var ofDrawnName: ConnectFailure {
        switch self {
        case .subdomainTaken(let detail), .nameReserved(let detail): .drawnNameTaken(detail)
        default: self
        }
    }

    /// What an HTTP answer in place of the upgrade means. `body` is what the server said, shortened.
    init(status: HTTPResponseStatus, body: String) {
        let detail = body.isEmpty ? status.reasonPhrase : body
        switch status.code {
        // Proxies answer with these, too. Only the texts of our own server mean what they say.
        case 403 where ServerRefusal.reservedName.isWorded(body): self = .nameReserved(detail)
        case 403 where ServerRefusal.fromPage.isWorded(body): self = .takenForPage(detail)
        case 429 where ServerRefusal.tooManyTunnels.isWorded(body): self = .tooManyTunnels(detail)
        case 429 where ServerRefusal.tooManyWrongKeys.isWorded(body): self = .mustWait(detail)
        case 503 where ServerRefusal.busy.isWorded(body) || ServerRefusal.memoryFull.isWorded(body):
            self = .serverBusy(detail)
        case 401: self = .notAuthorized(detail)
        case 404: self = .notFound
        case 409: self = .subdomainTaken(detail)
        case 400, 403, 405, 413, 429, 431, 500...599: self = .refused(status: Int(status.code), detail)
        default: self = .notATunnelServer("it answered \(status.code) \(detail)")
        }
    }
}

extension ConnectFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let reason):
            "the server cannot be reached: \(reason)"
        case .notAuthorized(let detail):
            "the server did not authorize us: \(detail); check the key, and this machine's clock"
        case .credentialsNeeded(let text), .providerFailed(let text):
            text
        case .loginNeeded:
            "the server wants a login"
        case .subdomainTaken(let detail):
            "the subdomain is taken: \(detail); choose another one, or wait if an earlier session still holds it"
        case .drawnNameTaken(let detail):
            "the server does not give the name that was drawn at random: \(detail); ask for one of your"
                + " own with --subdomain"
        case .nameReserved(let detail):
            "the server keeps this name for itself: \(detail); choose another one with --subdomain, or have its operator"
                + " change --reserved-names"
        case .tooManyTunnels(let detail):
            "the server gives this address no more tunnels: \(detail); close one, or have its operator raise"
                + " --max-tunnels"
        case .mustWait(let detail):
            "the server makes this address wait: \(detail); check the key, and try again after that time"
        case .takenForPage(let detail):
            "the server took this client for a web page: \(detail); have the proxy on the way leave Origin out"
        case .serverBusy(let detail):
            "the server has too much to do: \(detail); try again, or keep trying with --wait"
        case .notFound:
            "the server answered 404 Not Found: check the server URL"
        case .refused(let status, let detail):
            "the server refused with status \(status): \(detail)"
        case .notATunnelServer(let detail):
            "this is not a TPoT server: \(detail)"
        case .protocolError(let detail):
            "the server does not keep to the protocol: \(detail)"
        }
    }
}
