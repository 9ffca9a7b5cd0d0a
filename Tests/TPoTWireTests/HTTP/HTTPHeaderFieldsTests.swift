import NIOCore
import Testing

@testable import TPoTWire

@Suite("HTTP header fields")
struct HTTPHeaderFieldsTests {
    private func list(_ head: String) -> [String] {
        HTTPHeaderFields(ofHead: ByteBuffer(bytes: latin1(head))).map { "\(text($0.name))=\(text($0.value))" }
    }

    @Test("all fields are listed in order and in their original case")
    func order() {
        #expect(
            list("GET / HTTP/1.1\r\nb: 1\r\nA:2\r\nB:  3 \t\r\nC:\r\nX-\u{FC}: \u{E9}:\r\n\r\n")
                == ["b=1", "A=2", "B=3", "C=", "X-\u{FC}=\u{E9}:"]
        )
    }

    @Test(
        "unusual heads are read leniently",
        arguments: [
            ("", []), ("\r\n", []), ("GET / HTTP/1.1", []), ("GET / HTTP/1.1\r\n", []), ("GET / HTTP/1.1\r\n\r\n", []),
            ("\r\n\nHTTP/1.1 200\nA: b\n\nC: d\n", ["A=b"]), ("x\nA \t: b\n\n", ["A=b"]),
            ("x\r\nA: b\r\n c\r\n\td\r\nE: f\r\n\r\n", ["A=b\r\n c\r\n\td", "E=f"]),
            ("x\r\nno colon\r\nA: b\r\n\r\n", ["A=b"]), ("x\r\n folded: first\r\nA: b\r\n\r\n", ["A=b"]),
            ("x\n:\nA:\n :\n\n", ["=", "A=:"]), ("x\nA: b\nC: unfinished", ["A=b"]), ("x\nA:\n ", ["A="]),
        ] as [(String, [String])]
    )
    func odd(head: String, fields: [String]) {
        #expect(list(head) == fields)
    }

    @Test("lookup ignores case")
    func lookup() {
        let fields = HTTPHeaderFields(
            ofHead: ByteBuffer(string: "x\r\nSet-Cookie: a\r\nHost: h\r\nset-cookie: b\r\n\r\n")
        )
        #expect(fields.first(named: "set-cookie").map { text($0) } == "a")
        #expect(fields.all(named: "set-cookie").map { text($0) } == ["a", "b"])
        #expect(fields.first(named: "host").map { text($0) } == "h")
        #expect(fields.first(named: "cookie") == nil)
        #expect(fields.all(named: "hos").isEmpty)
    }

    @Test("a head may begin in the middle of its buffer")
    func offset() {
        var buffer = ByteBuffer(string: "skippedx\r\nA: b\r\n\r\n")
        buffer.moveReaderIndex(forwardBy: 7)
        let fields = HTTPHeaderFields(ofHead: buffer)
        #expect(fields.map { "\($0.nameText)=\($0.valueText)" } == ["A=b"])
        #expect(fields.first(named: "a").map { text($0) } == "b")
    }

    @Test("text is read as UTF-8 if valid, else as Latin-1")
    func displayText() {
        let fields = HTTPHeaderFields(ofHead: ByteBuffer(bytes: latin1("x\r\nA: \u{C3}\u{BC}\r\nB: \u{FC}\r\n\r\n")))
        #expect(fields.map(\.valueText) == ["ü", "ü"])
    }
}
