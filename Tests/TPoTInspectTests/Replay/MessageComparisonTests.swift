import TPoTCapture
import TPoTInspect
import TestSupport
import Testing

/// What counts as a difference between two answers.
@Suite struct MessageComparisonTests {
    private static let json = "Content-Type: application/json\r\n"

    private static func exchange(
        _ status: Int = 200,
        _ fields: String = "",
        _ body: String = "",
        kept: Int = .max
    ) throws -> CapturedExchange {
        let store = testStore(bodyBytes: kept == .max ? 1024 * 1024 : kept)
        var transcript = Transcript()
        transcript.open()
        transcript.request("POST /hook HTTP/1.1\r\nHost: a", body: "x")
        transcript.answer(status, fields: fields, body: body)
        transcript.add(.closed(.targetClosed(complete: true)))
        store.consume(&transcript)
        return try #require(store.detail(1))
    }

    /// `place: old → new`
    private static func text(_ comparison: MessageComparison) -> [String] {
        comparison.differences.map { difference in
            let place =
                switch difference.place {
                case .status: "status"
                case .request: "request"
                case .field(let name): name
                case .mediaType: "type"
                case .json(let pointer): pointer.text
                case .line(let line): "line \(line)"
                case .bytes: "bytes"
                }
            return "\(place): \(difference.old ?? "none") → \(difference.new ?? "none")"
        }
    }

    private static func json(_ old: String, _ new: String, ignoring pointers: String...) throws -> [String] {
        var exceptions = ComparisonExceptions()
        for pointer in pointers { exceptions.ignore(try #require(JSONPointer(pointer))) }
        return text(MessageComparison(try exchange(200, json, old), try exchange(200, json, new), without: exceptions))
    }

    @Test func whatDiffersEachTimeIsNotCompared() throws {
        let old = try Self.exchange(
            200,
            "Date: a\r\nETag: 1\r\nX-Request-Id: 1\r\nX-B3-TraceId: 1\r\nAge: 1\r\nX-Kept: 1\r\n"
        )
        let new = try Self.exchange(200, "x-kept: 1\r\nDate: b\r\nETag: 2\r\nSet-Cookie: s\r\nX-Amzn-RequestId: 2\r\n")
        #expect(MessageComparison(old, new).isSame)
    }

    @Test func statusFieldsAndTypeAreCompared() throws {
        let old = try Self.exchange(200, "Content-Type: text/plain; charset=utf-8\r\nX-A: 1\r\nX-A: 2\r\nX-B: 1\r\n")
        let new = try Self.exchange(404, "Content-Type: TEXT/HTML\r\nX-A: 1\r\nX-C: 3\r\n")
        #expect(
            Self.text(MessageComparison(old, new)) == [
                "status: 200 → 404", "type: text/plain → text/html", "X-A: 1, 2 → 1", "X-B: 1 → none",
                "X-C: none → 3",
            ]
        )
        var exceptions = ComparisonExceptions()
        for name in ["x-a", "X-B", "x-C", "content-TYPE"] { exceptions.ignore(field: name) }
        #expect(Self.text(MessageComparison(old, new, without: exceptions)) == ["status: 200 → 404"])
    }

    @Test func jsonIsComparedByStructure() throws {
        #expect(try Self.json(#"{"a":1,"b":[1,{"c":"\u20ac"}]}"#, "{\n \"b\": [1, {\"c\": \"€\"}], \"a\": 1}").isEmpty)
        #expect(
            try Self.json(#"{"a":1,"b":[1,2],"gone":{"x":1},"t":"1"}"#, #"{"a":2,"b":[1,3,4],"t":1,"a/b~c":null}"#)
                == [
                    "/a: 1 → 2", "/b/1: 2 → 3", "/b/2: none → 4", #"/gone: {"x":1} → none"#, #"/t: "1" → 1"#,
                    "/a~1b~0c: none → null",
                ]
        )
        #expect(try Self.json("[]", "{}") == [": [] → {}"])
    }

    @Test func placesInJSONCanBeLeftOut() throws {
        let (old, new) = (
            #"{"id":1,"items":[{"id":2,"n":"a"}],"a/b":1}"#, #"{"id":8,"items":[{"id":9,"n":"a"}],"t":0}"#
        )
        #expect(try Self.json(old, new, ignoring: "/id", "/items/0/id", "/a~1b", "/t").isEmpty)
        #expect(try Self.json(old, new, ignoring: "/items", "/t") == ["/id: 1 → 8", "/a~1b: 1 → none"])
        #expect(try Self.json(old, new, ignoring: "").isEmpty, "the whole body")
        #expect(try Self.json(old, new, ignoring: "/items/1/id").count == 4)
    }

    @Test(arguments: ["items", "/a~", "/a~2", "#/a"]) func whatIsNoPointerIsRefused(text: String) {
        #expect(JSONPointer(text) == nil)
    }

    @Test(arguments: ["/a~1b~0c/0", "", "/", "/ü//x"]) func aPointerIsWrittenAsItWasRead(text: String) {
        #expect(JSONPointer(text)?.text == text)
    }

    /// What only claims to be JSON is compared as text.
    @Test(arguments: [
        ("{\"a\":1", "{\"a\":2"), ("{\"a\":1}}", "{\"a\":2}}"), ("tru", "fals"), ("[1,]", "[2,]"),
        (String(repeating: "[", count: 5000), String(repeating: "[", count: 5001)),
    ])
    func brokenJSONIsComparedAnyway(old: String, new: String) throws {
        #expect(try !Self.json(old, new).isEmpty)
        #expect(try Self.json(old, old).isEmpty)
    }

    @Test func textIsComparedByLines() throws {
        let old = try Self.exchange(200, "Content-Type: text/plain\r\n", "one\ntwo\nthree")
        let new = try Self.exchange(200, "Content-Type: text/plain\r\n", "one\n2\u{1b}\nthree")
        #expect(Self.text(MessageComparison(old, new)) == ["line 2: two → none", #"line 2: none → 2\x1b"#])
        let (page, other) = ("<p>a</p>", "<p>a</p>\n")
        let html = "Content-Type: text/html\r\n"
        let invisible = MessageComparison(try Self.exchange(200, html, page), try Self.exchange(200, html, other))
        #expect(invisible.count > 0, "what cannot be seen is a difference, too")
    }

    @Test func bytesAreCompared() throws {
        let type = "Content-Type: application/octet-stream\r\n"
        let old = try Self.exchange(200, type, "\u{0}\u{1}\u{2}")
        let new = try Self.exchange(200, type, "\u{0}\u{1}\u{3}\u{4}")
        #expect(
            Self.text(MessageComparison(old, new)) == [
                "bytes: 3 bytes, different from byte 2 on → 4 bytes, different from byte 2 on"
            ]
        )
    }

    @Test func aBodyThatIsNotWholeLeavesItOpen() throws {
        let whole = try Self.exchange(200, "", "0123456789")
        let part = try Self.exchange(200, "", "0123456789", kept: 4)
        let comparison = MessageComparison(whole, part)
        #expect(comparison.count == 0 && !comparison.isSame)
        #expect(comparison.gap == "only 4 of 10 bytes of the answer of 1 are kept")
        #expect(MessageComparison(try Self.exchange(200, "", "x123456789"), part).count == 1)
        #expect(MessageComparison(try Self.exchange(200, "", "012"), part).count == 1, "it is longer")
    }

    @Test func requestsAreComparedByWhatTheyAskFor() throws {
        let old = try Self.exchange()
        #expect(MessageComparison(old, old, .request).isSame)
        var other = old
        other.requestHead = Array("GET /other HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n".utf8)
        #expect(Self.text(MessageComparison(old, other, .request)) == ["request: POST /hook → GET /other"])
    }

    @Test func manyDifferencesAreCountedAndNotKept() throws {
        let numbers = Array(0..<5000)
        let comparison = MessageComparison(
            try Self.exchange(200, Self.json, "\(numbers)"),
            try Self.exchange(200, Self.json, "\(numbers.map { $0 + 1 })")
        )
        #expect(comparison.count == 5000 && comparison.differences.count == 1000)
    }
}
