import NIOCore
import TPoTWire
import Testing

@testable import TPoTTunnel

@Suite struct RequestEditTests {
    private let visitor = RemoteAddress(ip: 0xcb00_7109, port: 52110)

    /// The head as the target receives it; nil if it is unchanged.
    private func edited(_ text: String, _ edit: RequestEdit) throws -> String? {
        var reader = HTTPConversationReader()
        reader.visitorSent(ByteBuffer(string: text))
        guard case .head(let head)? = reader.nextFromVisitor() else {
            Issue.record("no head in \(text)")
            return nil
        }
        return edit.apply(to: head, from: visitor).map { String(buffer: $0) }
    }

    @Test func hostIsReplacedAndNothingElse() throws {
        let head = "GET /a?b HTTP/1.1\r\nhOST:  shop.example.com \r\nX: 1\r\nCookie: a=b\r\n\r\n"
        let sent = try edited(head, RequestEdit(host: ByteBuffer(string: "localhost:8080")))
        let host = try #require(sent?.split(separator: "\r\n").first { $0.lowercased().hasPrefix("host:") })
        #expect(host.hasPrefix("hOST:") && host.contains("localhost:8080"))
        let others = { (text: String) in text.split(separator: "\r\n").filter { !$0.lowercased().hasPrefix("host:") } }
        #expect(others(sent ?? "") == others(head))
    }

    @Test func withoutAnEditTheHeadStays() throws {
        #expect(try edited("GET / HTTP/1.1\r\nHost: a\r\n\r\n", RequestEdit()) == nil)
    }

    @Test func forwardedFieldsAreAddedIfMissing() throws {
        let edit = RequestEdit(addsForwardedHeaders: true, publicScheme: "https")
        let sent = try edited("GET / HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-Proto: http\r\n\r\n", edit) ?? ""
        #expect(sent.contains("X-Forwarded-For: 203.0.113.9\r\n"))
        #expect(sent.contains("X-Forwarded-Host: a.example\r\n"))
        #expect(sent.contains("X-Forwarded-Proto: http\r\n") && !sent.contains("X-Forwarded-Proto: https"))
    }

    /// A server of an old version does not know the visitor's address.
    @Test func anUnknownAddressIsNotForwarded() throws {
        var reader = HTTPConversationReader()
        reader.visitorSent(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
        guard case .head(let head)? = reader.nextFromVisitor() else {
            Issue.record("no head")
            return
        }
        let sent = RequestEdit(addsForwardedHeaders: true).apply(to: head, from: RemoteAddress(ip: 0, port: 0))
        #expect(sent.map { !String(buffer: $0).contains("X-Forwarded-For") } == true)
    }
}
