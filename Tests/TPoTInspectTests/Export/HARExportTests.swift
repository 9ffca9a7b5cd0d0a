import FoundationEssentials
import NIOCore
import TPoTCapture
import TPoTInspect
import TPoTTraffic
import TPoTWire
import TestSupport
import Testing

/// The members that HAR 1.2 requires. Decoding fails if one is missing.
private struct Archive: Decodable {
    struct Pair: Decodable, Equatable { var name, value: String }
    struct Creator: Decodable { var name, version: String }
    struct PostData: Decodable {
        struct Parameter: Decodable, Equatable {
            var name: String
            var value, fileName, contentType: String?
        }
        var mimeType, text: String
        var params: [Parameter]
        var _encoding, comment: String?
        var _truncated: Bool?
    }
    struct Content: Decodable {
        var size: Int
        var mimeType: String
        var text, encoding, comment: String?
    }
    struct Request: Decodable {
        var method, url, httpVersion: String
        var cookies, headers, queryString: [Pair]
        var postData: PostData?
        var headersSize, bodySize: Int
    }
    struct Response: Decodable {
        var status: Int
        var statusText, httpVersion, redirectURL: String
        var cookies, headers: [Pair]
        var content: Content
        var headersSize, bodySize: Int
        var _error: String?
    }
    struct Timings: Decodable { var blocked, dns, connect, ssl, send, wait, receive: Double }
    struct Entry: Decodable {
        var startedDateTime: String
        var time: Double
        var request: Request
        var response: Response
        var cache: [String: String]
        var timings: Timings
        var _number: Int
    }
    struct Log: Decodable {
        var version: String
        var creator: Creator
        var entries: [Entry]
    }
    var log: Log
}

@Suite struct HARExportTests {
    private static func export(_ store: CaptureStore, masks: Bool = true) throws -> (archive: Archive, bytes: [UInt8]) {
        var bytes: [UInt8] = []
        let mask = masks ? SecretMask() : .off
        let options = HARExport.Options(publicURL: "https://a.example", mask: mask, version: "1.0")
        let numbers = store.numbers(matching: .all)
        let count = HARExport.write(numbers, of: store, options: options) { bytes += $0 }
        let archive = try JSONDecoder().decode(Archive.self, from: Data(bytes))
        #expect(archive.log.entries.count == count)
        return (archive, bytes)
    }

    private static func store() -> CaptureStore {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected, after: 3)
        transcript.request(
            "POST /hook?a=1&b=%41+c HTTP/1.1\r\nHost: a.example\r\nAuthorization: Bearer secret\r\nCookie: id=secret; x=y",
            body: "{\"a\": \"\u{1b}ä\"}",
            ends: false
        )
        transcript.add(.requestEnd, after: 4)
        transcript.add(
            .responseHead(
                Array(
                    "HTTP/1.1 302 Found Elsewhere\r\nSet-Cookie: s=secret; Path=/\r\nLocation: /x\r\n\r\n".utf8
                )
            ),
            after: 5
        )
        transcript.add(.responseBody(.bytes(ByteBuffer(bytes: [0, 1, 2, 255]))))
        transcript.add(.responseEnd, after: 6)
        transcript.get("/aborted")
        transcript.add(.closed(.visitorClosed))
        store.consume(&transcript)
        return store
    }

    @Test func anArchiveHasTheRequiredMembers() throws {
        let entry = try #require(try Self.export(Self.store()).archive.log.entries.first)
        #expect(entry.startedDateTime == "2026-11-23T12:00:00.003Z")
        #expect(entry.request.method == "POST")
        #expect(entry.request.url == "https://a.example/hook?a=1&b=%41+c")
        #expect(entry.request.httpVersion == "HTTP/1.1")
        #expect(entry.request.queryString == [.init(name: "a", value: "1"), .init(name: "b", value: "A c")])
        #expect(entry.request.postData?.text == "{\"a\": \"\u{1b}ä\"}")
        #expect(entry.response.status == 302)
        #expect(entry.response.statusText == "Found Elsewhere")
        #expect(entry.response.redirectURL == "/x")
        #expect(entry.response.content.encoding == "base64")
        #expect(entry.response.content.text == "AAEC/w==")
        #expect(entry.time == 15)
        #expect(entry.timings.send == 4 && entry.timings.wait == 5 && entry.timings.receive == 6)
    }

    @Test func secretsAreMaskedByDefault() throws {
        let masked = try Self.export(Self.store())
        #expect(!text(masked.bytes).contains("secret"))
        let entry = try #require(masked.archive.log.entries.first)
        #expect(entry.request.headers.contains(.init(name: "Authorization", value: "[masked]")))
        #expect(entry.request.cookies.isEmpty)
        let open = try #require(try Self.export(Self.store(), masks: false).archive.log.entries.first)
        #expect(open.request.cookies == [.init(name: "id", value: "secret"), .init(name: "x", value: "y")])
        #expect(open.response.cookies == [.init(name: "s", value: "secret")])
    }

    @Test func anExchangeWithoutAnAnswerHasAnError() throws {
        let entry = try #require(try Self.export(Self.store()).archive.log.entries.last)
        #expect(entry.response.status == 0)
        #expect(entry.response._error == "the visitor left")
    }

    /// A replay is sent to the target, but it represents a visitor's request.
    @Test func aReplayHasThePublicURL() throws {
        let store = testStore()
        var transcript = Transcript()
        transcript.add(.opened(.replay(of: 7)))
        transcript.request("GET /hook?a=1 HTTP/1.1\r\nHost: localhost:8080")
        store.consume(&transcript)
        #expect(try Self.export(store).archive.log.entries[0].request.url == "https://a.example/hook?a=1")
    }

    /// There is no waiting time if the target was never connected.
    @Test func aRefusedConnectionCountsAsConnectTime() throws {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.get()
        transcript.add(.targetFailed("connection refused"), after: 7)
        transcript.add(.closed(.targetNotConnected))
        store.consume(&transcript)
        let entry = try Self.export(store).archive.log.entries[0]
        #expect(entry.time == 7)
        #expect(entry.timings.connect == 7)
        #expect(entry.timings.send == 0 && entry.timings.wait == 0 && entry.timings.receive == 0)
    }

    @Test func formFieldsAreListed() throws {
        func postData(_ type: String, _ body: String) throws -> Archive.PostData {
            let store = testStore()
            var transcript = Transcript()
            transcript.open()
            transcript.request("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Type: \(type)", body: body)
            store.consume(&transcript)
            return try #require(try Self.export(store).archive.log.entries[0].request.postData)
        }
        let form = try postData("application/x-www-form-urlencoded", "a=%41+b&c")
        #expect(form.params == [.init(name: "a", value: "A b"), .init(name: "c", value: "")])
        let parts = try postData(
            "multipart/form-data; boundary=\"XX\"",
            "--XX\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\nHello\r\n--XX\r\nContent-Disposition: form-data; "
                + "name=\"f\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\u{89}PNG\r\n--XX--\r\n"
        )
        #expect(parts.mimeType == "multipart/form-data; boundary=\"XX\"")
        #expect(
            parts.params == [
                .init(name: "t", value: "Hello"), .init(name: "f", fileName: "a.png", contentType: "image/png"),
            ]
        )
        #expect(try postData("application/json", "{}").params.isEmpty)
        let long = try postData("application/x-www-form-urlencoded", String(repeating: "a&", count: 10_001))
        #expect(long.params.count == 10_000)
        #expect(long.comment == "params does not list all fields")
    }

    @Test func aPartialBodyIsMarkedAsTruncated() throws {
        let store = testStore(bodyBytes: 4)
        var transcript = Transcript()
        transcript.exchange(body: "123456")
        store.consume(&transcript)
        let data = try Self.export(store).archive.log.entries[0].request.postData
        #expect(data?.text == "1234")
        #expect(data?._truncated == true)
    }

    @Test func hostileExchangesStayValidJSON() throws {
        let seed = testSeed("hostile exchanges")
        var random = SeededRandom(seed: seed)
        let store = testStore()
        for conversation in 1...300 {
            var transcript = Transcript()
            transcript.conversation = ConversationNumber(conversation)
            transcript.open(id: 1)
            let request = random.mutate(Array("GET /?a=\u{1} HTTP/1.1\r\nHost: \"a\\\r\nCookie: a\r\n\r\n".utf8))
            transcript.add(.requestHead(received: request, sent: nil))
            let head = random.mutate(
                Array("HTTP/1.1 200 \u{7f}\u{ff}\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n".utf8)
            )
            transcript.add(.responseHead(head))
            transcript.add(.responseBody(.bytes(ByteBuffer(bytes: random.mutate(Samples.gzip)))))
            transcript.add(.responseEnd)
            store.consume(&transcript)
        }
        #expect(try Self.export(store).archive.log.entries.count == store.totals().kept, "seed \(seed)")
    }

    @Test func anErrorWhileWritingEndsTheExport() {
        struct Full: Error {}
        #expect(throws: Full.self) {
            try HARExport.write([1], of: Self.store(), options: .init(version: "1")) { (_: [UInt8]) throws(Full) in
                throw Full()
            }
        }
    }
}
