import NIOCore
import NIOHTTP1
import Testing

@testable import TPoTTunnel

/// The meaning of an answer that comes instead of the upgrade. The texts are those of our server.
@Suite struct ConnectFailureTests {
    private func failure(_ refusal: ServerRefusal) -> ConnectFailure {
        let line = refusal.body.prefix { !$0.isNewline }
        return ConnectFailure(status: HTTPResponseStatus(statusCode: refusal.status), body: String(line))
    }

    @Test func refusalsOfOurServerAreRecognised() {
        let limit = "Too Many Requests (this address has as many tunnels as it may have: 100)"
        #expect(failure(.tooManyTunnels(limit: 100)) == .tooManyTunnels(limit))
        let wait = "Too Many Requests (too many wrong keys from this address: wait 10 s)"
        #expect(failure(.tooManyWrongKeys(wait: .milliseconds(9_001))) == .mustWait(wait))
        #expect(failure(.reservedName) == .nameReserved("Forbidden (this name is reserved)"))
        let page = "Forbidden (a request with an Origin header comes from a web page)"
        #expect(failure(.fromPage) == .takenForPage(page))
        let busy = "Service Unavailable (too many clients connect at this moment)"
        #expect(failure(.busy) == .serverBusy(busy))
        let full = "Service Unavailable (too many clients have connected within two minutes)"
        #expect(failure(.memoryFull) == .serverBusy(full))
    }

    @Test(arguments: [
        (403, "Forbidden"), (403, "<html><head><title>403 Forbidden</title></head>"), (429, "Too Many Requests"),
        (429, "slow down"), (503, ""), (503, "Service Unavailable (tunnel not found)"),
        (503, "<html>too many clients connect at this moment</html>"),
        (503, "Too Many Requests (too many clients connect at this moment)"),
        (502, "Service Unavailable (too many clients connect at this moment)"),
    ])
    func anAnswerOfAProxyIsNotOneOfOurServer(status: Int, body: String) {
        let failure = ConnectFailure(status: HTTPResponseStatus(statusCode: status), body: body)
        guard case .refused(status: status, _) = failure else {
            Issue.record("it is \(failure)")
            return
        }
    }

    /// A web server's page is written for browsers, not for a sentence about a failure.
    @Test(arguments: [400, 403, 404, 409, 500])
    func pagesAreNotQuoted(status: Int) {
        let failure = ConnectFailure(
            status: HTTPResponseStatus(statusCode: status),
            body: "\r\n<html>\r\n<head><title>\(status)</title></head>"
        )
        #expect(!"\(failure)".contains("<"))
    }

    @Test(arguments: [
        "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>",
        "Client sent an HTTP request to an HTTPS server.\n",
        "<!DOCTYPE HTML>\n<p>Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
    ])
    func anHTTPSPortIsRecognised(body: String) {
        #expect(ConnectFailure(status: .badRequest, body: body) == .speaksTLS)
    }

    @Test func aRedirectNamesItsLocation() {
        let failure = ConnectFailure(status: .movedPermanently, body: "<html>", location: "https://tpot.example.com/")
        #expect(failure == .redirected(status: 301, to: "https://tpot.example.com/"))
        #expect(ConnectFailure(status: .found, body: "<html>") == .notATunnelServer(.status(302, "Found")))
    }

    @Test func aKeptNameIsNotATakenName() {
        let kept = ConnectFailure(status: .conflict, body: "kept", retryAfter: 7)
        #expect(kept == .subdomainKept("kept", .seconds(7)))
        for seconds in [nil, -1, 86_400] as [Int64?] {
            #expect(ConnectFailure(status: .conflict, body: "x", retryAfter: seconds) == .subdomainTaken("x"))
        }
    }
}
