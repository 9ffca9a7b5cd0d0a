import NIOHTTP1
import Testing

@testable import TPoTControl

/// Who is let in, before anything else is looked at.
@Suite struct ControlAccessTests {
    private func refusal(
        _ method: HTTPMethod = .GET,
        _ fields: HTTPHeaders,
        token: String? = nil
    ) -> HTTPResponseStatus? {
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: "/v1/status", headers: fields)
        do {
            try ControlAccess(token: token).check(head)
            return nil
        } catch {
            return error.status
        }
    }

    @Test(arguments: [
        "localhost", "LOCALHOST:4040", "127.0.0.1", "127.0.0.1:4040", "127.9.8.7:1", "[::1]", "[::1]:4040",
    ])
    func aHostOfThisMachineIsLetIn(host: String) { #expect(refusal(.GET, ["Host": host]) == nil) }

    /// A web page can make its own name point to the loopback.
    @Test(arguments: [
        "", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1:4040:1", "127.0.0.999",
        "[::2]",
        "[::1", "[::1]x", "192.168.1.5", "127.1", "localhost:", "localhost:99999", "127.0.0.+1",
    ])
    func anyOtherHostIsRefused(host: String) { #expect(refusal(.GET, ["Host": host]) == .forbidden) }

    @Test func aRequestWithoutAHostOrWithTwoIsRefused() {
        #expect(refusal(.GET, [:]) == .forbidden)
        #expect(refusal(.GET, ["Host": "localhost", "host": "evil.example"]) == .forbidden)
    }

    @Test func aWebPageIsRefusedWhateverItBrings() {
        #expect(refusal(.GET, ["Host": "localhost", "Origin": "http://localhost:3000"]) == .forbidden)
        #expect(refusal(.GET, ["Host": "a", "Origin": "null", "Authorization": "Bearer t"], token: "t") == .forbidden)
    }

    /// A form of a web page can send other types without asking first.
    @Test func changesNeedTheTypeOfJSON() {
        for type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""] {
            #expect(refusal(.POST, ["Host": "localhost", "Content-Type": type]) == .unsupportedMediaType, "\(type)")
        }
        #expect(refusal(.DELETE, ["Host": "localhost"]) == .unsupportedMediaType)
        #expect(refusal(.POST, ["Host": "localhost", "Content-Type": "application/json"]) == nil)
        #expect(refusal(.POST, ["Host": "localhost", "Content-Type": "Application/JSON; charset=utf-8"]) == nil)
    }

    @Test func aTokenReplacesTheHost() {
        #expect(refusal(.GET, ["Host": "10.0.0.7:4040", "Authorization": "Bearer secret"], token: "secret") == nil)
        for value in ["Bearer secre", "Bearer secrets", "bearer secret", "secret", "", "Bearer "] {
            #expect(refusal(.GET, ["Host": "localhost", "Authorization": value], token: "secret") == .unauthorized)
        }
        #expect(refusal(.GET, ["Host": "localhost"], token: "secret") == .unauthorized)
    }
}
