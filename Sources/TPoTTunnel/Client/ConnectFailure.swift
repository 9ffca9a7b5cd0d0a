import NIOCore
import NIOHTTP1
import TPoTNetwork
import TPoTWire

/// What answered in the place of a TPoT server.
package enum ForeignAnswer: Hashable, Sendable {
    /// HTTP with a status that a TPoT server does not give, and its reason.
    case status(Int, String)
    case notHTTP
    case noWebSocket
}

/// Why the server could not be reached, did not make a tunnel, or lost it. Texts in it are quotes from the network on one
/// line, or as their case says.
package enum ConnectFailure: Error, Hashable, Sendable {
    /// No connection, or none that lived until the answer.
    case notConnected(ConnectionFailure)
    /// There was a WebSocket.
    case lost(LinkEnd)
    /// The client was asked to stop before there was a tunnel.
    case stopped
    /// 401: no or wrong key, or a clock that is off.
    case notAuthorized(String)
    /// The ``TunnelAuthorizer`` has no value for `Authorization`, or none after a 401.
    case notAuthorizedBy(AuthorizerFailure)
    /// 409: somebody has the subdomain.
    case subdomainTaken(String)
    /// 409: the server keeps the subdomain for a client that lost its link, for so long at the most.
    case subdomainKept(String, TimeAmount)
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
    case notFound(String)
    /// It sends us to another URL.
    case redirected(status: Int, to: String)
    /// It said that it speaks https, where http was spoken.
    case speaksTLS
    /// Another status that a TPoT server gives; the text is its body.
    case refused(status: Int, String)
    /// What answers there is no TPoT server.
    case notATunnelServer(ForeignAnswer)
    /// The tunnel was made and then the server did not keep to the protocol.
    case protocolError(String)

    /// What made an attempt at a tunnel fail.
    init(_ error: any Error) {
        self =
            switch error {
            case let failure as ConnectFailure: failure
            case let error as any AuthorizerError: .notAuthorizedBy(AuthorizerFailure(error))
            default: .notConnected(ConnectionFailure(error, peer: .server))
            }
    }

    /// Waiting changes nothing: somebody has to give another key, or log in.
    var isForThePerson: Bool {
        switch self {
        case .notAuthorized, .nameReserved, .takenForPage: true
        case .notAuthorizedBy(let failure): failure.error.isForThePerson
        default: false
        }
    }

    /// The program around the client deals with it, and may start another client.
    var isForTheOwner: Bool {
        if case .notAuthorizedBy(let failure) = self { failure.error.isForTheOwner } else { false }
    }

    /// The same, of a name that was drawn at random.
    var ofDrawnName: ConnectFailure {
        switch self {
        case .subdomainTaken(let detail), .subdomainKept(let detail, _), .nameReserved(let detail):
            .drawnNameTaken(detail)
        default: self
        }
    }

    /// What an HTTP answer in place of the upgrade means.
    /// - Parameters:
    ///   - body: as it came, or its beginning.
    ///   - location: of a redirect.
    ///   - retryAfter: seconds (RFC 9110 section 10.2.3).
    init(status: HTTPResponseStatus, body: String, location: String? = nil, retryAfter: Int64? = nil) {
        let isPage = body.drop(while: \.isWhitespace).hasPrefix("<")
        let line = VisibleText.line(String(body.prefix { !$0.isNewline }), limit: 200)
        let detail = isPage || line.isEmpty ? VisibleText.line(status.reasonPhrase, limit: 200) : line
        switch status.code {
        // Proxies answer with these, too. Only the texts of our own server mean what they say.
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

    /// A server keeps a name for 10 s. What says more is something else.
    private static let keptSeconds: ClosedRange<Int64> = 0...30

    /// The texts of nginx, Go and Apache to plain HTTP on a port for https.
    private static func saysItIsHTTPS(_ body: String) -> Bool {
        let body = body.lowercased()
        return ["http request was sent to https port", "http request to an https server", "ssl-enabled server port"]
            .contains { body.contains($0) }
    }
}

/// Makes sentences for the user out of what failed: the client publishes them, and only the program around it knows
/// the options and variables that are the way out.
package protocol FailureWording: Sendable {
    func text(_ failure: ConnectFailure) -> String
    /// Why the target gives no answer.
    func text(ofTarget cause: NetworkCause) -> String
}
