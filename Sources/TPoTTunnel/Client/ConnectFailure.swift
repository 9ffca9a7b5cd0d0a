import NIOCore
import NIOHTTP1
import TPoTNetwork
import TPoTWire

/// What answered instead of a TPoT server.
package enum ForeignAnswer: Hashable, Sendable {
    /// An HTTP answer with a status that a TPoT server does not give, and its reason.
    case status(Int, String)
    case notHTTP
    case noWebSocket
}

/// Why the server could not be reached, did not make a tunnel, or lost it. The texts are quotes from the network on one
/// line, unless their case says otherwise.
package enum ConnectFailure: Error, Hashable, Sendable {
    /// There was no connection, or it ended before the answer.
    case notConnected(ConnectionFailure)
    /// The WebSocket was open and then ended.
    case lost(LinkEnd)
    /// The client was asked to stop before there was a tunnel.
    case stopped
    /// 401: the key is missing or wrong, or a clock is off.
    case notAuthorized(String)
    /// The ``TunnelAuthorizer`` has no value for `Authorization`, or none after a 401.
    case notAuthorizedBy(AuthorizerFailure)
    /// 409: another client has the subdomain.
    case subdomainTaken(String)
    /// 409: the server keeps the subdomain for a client that lost its link, for at most this long.
    case subdomainKept(String, TimeAmount)
    /// 409 or 403: the name is taken or reserved, and it was drawn at random.
    case drawnNameTaken(String)
    /// 403: the operator reserves the name.
    case nameReserved(String)
    /// 429: our address has as many tunnels as it is allowed.
    case tooManyTunnels(String)
    /// 429: wrong keys came from our address, so it has to wait now, even with the right key.
    case mustWait(String)
    /// 403: something on the way made our request look like one from a web page.
    case takenForPage(String)
    /// 503: too many clients wait for the server to check their keys.
    case serverBusy(String)
    /// 404: the server does not recognise the host name in our URL as its own.
    case notFound(String)
    /// The server redirects to another URL.
    case redirected(status: Int, to: String)
    /// The server said that it speaks https, but it was spoken to in http.
    case speaksTLS
    /// Another status that a TPoT server gives. The text is the body.
    case refused(status: Int, String)
    /// The peer is not a TPoT server.
    case notATunnelServer(ForeignAnswer)
    /// The server broke the protocol.
    case protocolError(String)

    /// The failure that an error means for an attempt to make a tunnel.
    init(_ error: any Error) {
        self =
            switch error {
            case let failure as ConnectFailure: failure
            case let error as any AuthorizerError: .notAuthorizedBy(AuthorizerFailure(error))
            default: .notConnected(ConnectionFailure(error, peer: .server))
            }
    }

    /// Whether waiting changes nothing, because the user has to give another key or log in.
    var isForThePerson: Bool {
        switch self {
        case .notAuthorized, .nameReserved, .takenForPage: true
        case .notAuthorizedBy(let failure): failure.error.isForThePerson
        default: false
        }
    }

    /// Whether the program around the client handles the failure. It may start another client.
    var isForTheOwner: Bool {
        if case .notAuthorizedBy(let failure) = self { failure.error.isForTheOwner } else { false }
    }

    /// The same failure for a name that was drawn at random.
    var ofDrawnName: ConnectFailure {
        switch self {
        case .subdomainTaken(let detail), .subdomainKept(let detail, _), .nameReserved(let detail):
            .drawnNameTaken(detail)
        default: self
        }
    }

    /// Interprets an HTTP answer that came instead of the upgrade.
    /// - Parameters:
    ///   - body: the body as it came, or its beginning.
    ///   - location: the URL of a redirect.
    ///   - retryAfter: in seconds (RFC 9110 section 10.2.3).
    init(status: HTTPResponseStatus, body: String, location: String? = nil, retryAfter: Int64? = nil) {
        let isPage = body.drop(while: \.isWhitespace).hasPrefix("<")
        let line = VisibleText.line(String(body.prefix { !$0.isNewline }), limit: 200)
        let detail = isPage || line.isEmpty ? VisibleText.line(status.reasonPhrase, limit: 200) : line
        switch status.code {
        // Proxies answer with these statuses, too. Only the texts of our own server identify these failures.
        case 403 where ServerRefusal.reservedName.isWorded(line): self = .nameReserved(detail)
        case 403 where ServerRefusal.fromPage.isWorded(line): self = .takenForPage(detail)
        case 429 where ServerRefusal.tooManyTunnels.isWorded(line): self = .tooManyTunnels(detail)
        case 429 where ServerRefusal.tooManyWrongKeys.isWorded(line): self = .mustWait(detail)
        case 503 where ServerRefusal.busy.isWorded(line) || ServerRefusal.memoryFull.isWorded(line):
            self = .serverBusy(detail)
        case 300...399 where location != nil:
            self = .redirected(status: Int(status.code), to: VisibleText.line(location ?? "", limit: 200))
        case 400 where Self.saysItIsHTTPS(body): self = .speaksTLS
        case 401: self = .notAuthorized(detail)
        case 404: self = .notFound(detail)
        case 409 where retryAfter.map(Self.keptSeconds.contains) == true:
            self = .subdomainKept(detail, .seconds(retryAfter ?? 0))
        case 409: self = .subdomainTaken(detail)
        case 400, 403, 405, 413, 429, 431, 500...599: self = .refused(status: Int(status.code), detail)
        default: self = .notATunnelServer(.status(Int(status.code), detail))
        }
    }

    /// A server keeps a name for 10 s. A much longer time was sent by something else.
    private static let keptSeconds: ClosedRange<Int64> = 0...30

    /// The answers of nginx, Go and Apache to plain HTTP on a port for https.
    private static func saysItIsHTTPS(_ body: String) -> Bool {
        let body = body.lowercased()
        return ["http request was sent to https port", "http request to an https server", "ssl-enabled server port"]
            .contains { body.contains($0) }
    }
}

/// Words failures for the user. The client publishes these texts, but only the program around it knows which options
/// and variables solve the problem.
package protocol FailureWording: Sendable {
    func text(_ failure: ConnectFailure) -> String
    /// Why the target gives no answer.
    func text(ofTarget cause: NetworkCause) -> String
}
