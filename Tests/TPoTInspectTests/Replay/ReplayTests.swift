import NIOCore
import TPoTCapture
import TPoTInspect
import TestSupport
import Testing

@Suite struct ReplayTests {
    private static func captured(_ head: String, sent: String? = nil, body: [UInt8] = []) throws -> CapturedExchange {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.request(head, sent: sent, ends: false)
        if !body.isEmpty { transcript.add(.requestBody(.bytes(ByteBuffer(bytes: body)))) }
        transcript.add(.requestEnd)
        store.consume(&transcript)
        return try #require(store.detail(1))
    }

    private static func edit(_ exchange: CapturedExchange, _ change: (String) -> String) throws -> String {
        let editable = try EditableRequest(exchange)
        return text(try editable.request(from: Array(change(text(editable.text)).utf8)))
    }

    @Test func aReplaySendsTheBytesThatTheTargetReceived() throws {
        let exchange = try Self.captured(
            "\r\nPOST / HTTP/1.1\r\nHost: public\r\nTransfer-Encoding: chunked",
            sent: "\r\nPOST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked",
            body: Array("3;x\r\nabc\r\n0\r\nT: 1\r\n\r\n".utf8)
        )
        #expect(
            text(try ReplayRequest.bytes(of: exchange))
                == "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: 1\r\n\r\n"
        )
    }

    @Test func unchangedTextGivesTheSameRequest() throws {
        let bodies: [(String, [UInt8])] = [
            ("Content-Length: 5", Array("a\r\nb\n".utf8)),
            ("Content-Length: 4", [0, 255, 10, 13]),
            ("Transfer-Encoding: chunked", Array("3;x\r\nabc\r\n0\r\nT: 1\r\n\r\n".utf8)),
            ("Content-Encoding: gzip\r\nContent-Length: \(Samples.gzip.count)", Samples.gzip),
            ("X-Empty:", []),
        ]
        for (field, body) in bodies {
            let exchange = try Self.captured("POST /\u{e4} HTTP/1.1\r\nhost:x\r\n\(field)", body: body)
            let editable = try EditableRequest(exchange)
            let original = try ReplayRequest.bytes(of: exchange)
            #expect(try editable.request(from: editable.text) == original)
            // Editors add a line end to the last line.
            #expect(try editable.request(from: editable.text + [10]) == original)
        }
    }

    @Test func theLengthIsCorrected() throws {
        let exchange = try Self.captured("POST / HTTP/1.1\r\ncontent-LENGTH:5\r\nX: 1", body: Array("hello".utf8))
        #expect(
            try Self.edit(exchange) { $0.replacing("hello", with: "goodbye") + "\n" }
                == "POST / HTTP/1.1\r\ncontent-LENGTH: 7\r\nX: 1\r\n\r\ngoodbye"
        )
    }

    @Test func anEditedLengthStays() throws {
        let exchange = try Self.captured("POST / HTTP/1.1\r\nContent-Length: 5", body: Array("hello".utf8))
        #expect(
            try Self.edit(exchange) { $0.replacing("5", with: "99") }
                == "POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\nhello"
        )
        #expect(
            try Self.edit(exchange) { $0.replacing("Content-Length: 5\n", with: "") } == "POST / HTTP/1.1\r\n\r\nhello"
        )
    }

    @Test func aNewBodyGetsALength() throws {
        let exchange = try Self.captured("GET / HTTP/1.1\r\nHost: a")
        #expect(
            try Self.edit(exchange) { $0.replacing("GET", with: "POST") + "new" }
                == "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nnew"
        )
    }

    @Test func anEditedChunkedBodyBecomesOneChunk() throws {
        let exchange = try Self.captured(
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked",
            body: Array("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n".utf8)
        )
        #expect(
            try Self.edit(exchange) { $0.replacing("abcde", with: "abcdefghijkl") }
                == "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nc\r\nabcdefghijkl\r\n0\r\n\r\n"
        )
        #expect(
            try Self.edit(exchange) { $0.replacing("Transfer-Encoding: chunked\n", with: "") }
                == "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde"
        )
    }

    @Test func aBinaryBodyStaysWhileTheHeadChanges() throws {
        let exchange = try Self.captured("POST /a HTTP/1.1\r\nContent-Length: 3", body: [0, 255, 10])
        let editable = try EditableRequest(exchange)
        #expect(text(editable.text).contains("<<the body as captured: 3 bytes>>"))
        let edited = text(editable.text).replacing("/a", with: "/b") + "\n"
        #expect(
            try editable.request(from: Array(edited.utf8))
                == Array("POST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\n".utf8) + [0, 255, 10]
        )
    }

    @Test(arguments: [
        ("", ReplayRefusal.emptyText), ("\n\n", .emptyText), ("GET /\n", .noRequestLine),
        ("GET / a HTTP/1.1\n", .noRequestLine), ("GET / HTTP/1.1\nno colon\n", .noColon("no colon")),
    ])
    func invalidRequestsAreRefused(_ edited: String, _ expected: ReplayRefusal) throws {
        let editable = try EditableRequest(try Self.captured("GET / HTTP/1.1"))
        #expect(throws: expected) { try editable.request(from: Array(edited.utf8)) }
    }

    @Test func incompleteRequestsAreRefusedWithAReason() throws {
        let store = testStore(bodyBytes: 3)
        var transcript = Transcript()
        transcript.exchange(body: "12345")
        transcript.open()
        transcript.request("POST / HTTP/1.1", body: "12", ends: false)
        transcript.conversation = 3
        transcript.open(id: 3)
        transcript.request("GET /chat HTTP/1.1")
        transcript.answer(101)
        transcript.conversation = 4
        transcript.open(id: 4)
        transcript.answer(408)
        store.consume(&transcript)
        let refusals = (1...4).map { store.detail($0)?.replayRefusal }
        #expect(
            refusals == [.partOfBody(captured: 3, of: 5), .unfinished(isOver: false), .upgraded, .noRequest]
        )
    }

    @Test func anyTextGivesARequestOrIsRefused() throws {
        let seed = testSeed("edited requests")
        var random = SeededRandom(seed: seed)
        let exchange = try Self.captured("POST / HTTP/1.1\r\nContent-Length: 3", body: Array("abc".utf8))
        let editable = try EditableRequest(exchange)
        for _ in 0..<5000 {
            let edited = random.mutate(editable.text)
            guard let request = try? editable.request(from: edited) else { continue }
            #expect(request.count < edited.count + 200, "seed \(seed)")
        }
    }
}
