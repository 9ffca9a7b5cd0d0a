import NIOCore
import TPoTInspect
import TPoTWire
import Testing

@Suite struct HeadFilterTests {
    private static let remote = RemoteAddress(ip: 0xcb00_7109, port: 52110)

    private func matches(_ filter: String, _ head: String = Self.push) throws -> Bool {
        var reader = HTTPConversationReader()
        reader.visitorSent(ByteBuffer(string: head))
        guard case .head(let parsed)? = reader.nextFromVisitor() else {
            Issue.record("no head")
            return false
        }
        return try HeadFilter(filter).matches(parsed, Self.remote)
    }

    private static let push =
        "POST /webhooks/github?a=1 HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: GitHub-Hookshot/1\r\n"
        + "X-GitHub-Event: push\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n"

    @Test(arguments: [
        "method:post", "path:/webhooks", "remote:203.0.113.", "remote:198.51.", "from:github", "webhooks", "POST",
        "GitHub",
        "52110", "header:x-github-event", "header:x-github-event=PUSH", "shop.example",
        "method:POST path:github -from:stripe",
        "-path:/api", #""hooks/git""#, "?a=1 -GET",
    ])
    func whatTheHeadSaysIsMatched(filter: String) throws {
        #expect(try matches(filter))
    }

    @Test(arguments: [
        "method:GET", "method:pos", "path:/api", "remote:113.", "from:stripe", "header:x-gitlab", "shop.test",
        "-POST",
        "POST path:/api",
    ])
    func whatItDoesNotSayIsNot(filter: String) throws {
        #expect(try !matches(filter))
    }

    @Test(arguments: [
        ("", "hold what? path:/hook, for example; p holds everything"),
        ("  \"\" ", "hold what? path:/hook, for example; p holds everything"),
        ("path:", "path: what?"),
        (
            "POST event:push",
            "event: is not known when a hold has to decide; what works: method: path: remote: from: header:, words and -"
        ),
        (
            "-body:x",
            "body: is not known when a hold has to decide; what works: method: path: remote: from: header:, words and -"
        ),
        ("paht:/x", "no filter paht; what works: method: path: remote: from: header:, words and -"),
        (
            "5xx",
            "status: is not known when a hold has to decide; what works: method: path: remote: from: header:, words and -"
        ),
        ("is:fai", "is takes failed, left, marked, replay, held, signed, unsigned"),
    ])
    func whatCannotBeDecidedIsRefused(filter: String, sentence: String) throws {
        let mistake = #expect(throws: HeadFilter.Mistake.self) { try HeadFilter(filter) }
        #expect(mistake?.text == sentence)
    }

    @Test func theTextIsKeptAsTyped() throws {
        #expect(try HeadFilter("  POST  path:/Hook ").text == "POST  path:/Hook")
    }
}
