import NIOCore
import TPoTCapture
import TPoTInspect
import TPoTTraffic
import TPoTWire
import TestSupport
import Testing

@Suite struct HARReaderTests {
    static func read(_ text: String, _ limits: HARLimits = HARLimits()) throws(HARError) -> HARContents {
        try HARReader.read(Array(text.utf8), limits: limits)
    }

    /// A file with these entries.
    static func file(_ entries: String...) -> String { "{\"log\": {\"entries\": [\(entries.joined(separator: ","))]}}" }

    static func entry(
        request: String = "\"method\": \"GET\", \"url\": \"https://a.example/\"",
        response: String = "\"status\": 200",
        _ more: String = ""
    ) -> String {
        "{\"startedDateTime\": \"2026-11-23T12:00:00.000Z\", \"request\": {\(request)}, \"response\": {\(response)}\(more)}"
    }

    // MARK: The way back of our own files

    private static func written(_ exchanges: [CapturedExchange], at now: NIODeadline) -> [UInt8] {
        var export = HARExport(
            options: .init(publicURL: "https://a.example", mask: .off, version: "1"),
            now: now
        )
        return export.head() + exchanges.flatMap { export.entry($0) } + export.tail()
    }

    private static func captured(_ transcript: Transcript, marks: [UInt64] = []) throws -> [CapturedExchange] {
        let store = testStore()
        var transcript = transcript
        store.consume(&transcript)
        for number in marks { _ = store.mark(number) }
        return try store.numbers(matching: .all).sorted().map { try #require(store.detail($0)) }
    }

    @Test func whatWasExportedComesBack() throws {
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected, after: 3)
        transcript.request(
            "POST /hooks?a=%41+b HTTP/1.1\r\nHost: a.example\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: 7\r\n"
                + "Content-Type: application/json; charset=iso-8859-1\r\nContent-Length: 9\r\nX-Forwarded-For: 198.51.100.7",
            body: nil,
            ends: false
        )
        transcript.add(.requestBody(.bytes(ByteBuffer(bytes: [0x7b, 0x22, 0xe9, 0x22, 0x3a, 0x20, 0x31, 0x20, 0x7d]))))
        transcript.add(.requestEnd, after: 4)
        transcript.add(
            .responseHead(
                Array(
                    ("HTTP/1.1 302 Found Elsewhere\r\nLocation: /x\r\nContent-Type: application/octet-stream\r\n"
                        + "Transfer-Encoding: chunked\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n").utf8
                )
            ),
            after: 5
        )
        transcript.add(.responseBody(.bytes(ByteBuffer(bytes: Array("4\r\n".utf8) + [0, 1, 2, 255, 13, 10]))))
        transcript.add(.responseBody(.bytes(ByteBuffer(string: "0\r\n\r\n"))))
        transcript.add(.responseEnd, after: 6)
        transcript.get("/aborted")
        transcript.add(.closed(.visitorClosed), after: 2)
        let kept = try Self.captured(transcript, marks: [1])
        let file = Self.written(kept, at: Transcript.deadline(transcript.time))
        let contents = try HARReader.read(file)
        #expect(contents.creator == "tpot 1" && contents.entries == 2 && contents.remarks.isEmpty)
        for (read, kept) in zip(contents.exchanges, kept) {
            #expect(read.number == kept.number && read.exchange.conversation == kept.exchange.conversation)
            #expect(text(read.requestHead ?? []) == text(kept.requestHead ?? []))
            #expect(read.responseHead.map { text($0) } == kept.responseHead.map { text($0) })
            #expect(read.requestBody == kept.requestBody && read.responseBody == kept.responseBody)
            #expect(read.row.isMarked == kept.row.isMarked && read.row.responseType == kept.row.responseType)
            #expect(read.row.delivery == kept.row.delivery && read.row.unixNanoseconds == kept.row.unixNanoseconds)
            let (one, other) = (read.exchange, kept.exchange)
            #expect(one.method == other.method && one.target == other.target && one.status == other.status)
            #expect(one.state == other.state && one.remote == other.remote && one.via == other.via)
            #expect(one.bytesIn == other.bytesIn && one.bytesOut == other.bytesOut)
            let ends = (try #require(one.times.ended), try #require(other.times.ended))
            #expect(ExchangePhases(one.times, at: ends.0) == ExchangePhases(other.times, at: ends.1))
        }
        #expect(contents.exchanges[0].row.isMarked && contents.exchanges[0].row.delivery?.sender == "GitHub")
        #expect(contents.exchanges[1].exchange.state == .aborted(.visitorGone))
        // The times of one exchange to the other are those of the file, and so is the end.
        let began = contents.exchanges.map(\.exchange.times.requestBegan)
        #expect(began[1] - began[0] == .milliseconds(15))
        #expect(contents.end.unixNanoseconds(at: began[0]) == kept[0].row.unixNanoseconds)
        #expect(Self.written(contents.exchanges, at: contents.end.monotonic) == file)
    }

    @Test(arguments: [
        ExchangeAbort.visitorGoneUnsure, .targetNotConnected("refused"), .targetNotSecured(nil), .targetGone("reset"),
        .limit("too long"), .closedByUser, .tunnelLost,
    ])
    func howItEndedComesBack(_ abort: ExchangeAbort) throws {
        var transcript = Transcript()
        transcript.open()
        transcript.get()
        var exchange = try #require(Self.captured(transcript).first)
        exchange.row.exchange.state = .aborted(abort)
        exchange.row.exchange.times.ended = exchange.exchange.times.requestBegan + .milliseconds(7)
        let contents = try HARReader.read(Self.written([exchange], at: .uptimeNanoseconds(0)))
        let read = try #require(contents.exchanges.first?.exchange)
        #expect(read.state == .aborted(abort))
        #expect(read.times.whole(at: contents.end.monotonic) == .milliseconds(7))
    }

    @Test func compressedBodiesFitTheirHead() throws {
        var transcript = Transcript()
        transcript.open()
        transcript.get()
        transcript.add(
            .responseHead(Array("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n\r\n".utf8))
        )
        transcript.add(.responseBody(.bytes(ByteBuffer(bytes: Samples.gzip))))
        transcript.add(.responseEnd)
        let kept = try Self.captured(transcript)
        let read = try HARReader.read(Self.written(kept, at: Transcript.deadline(1000))).exchanges
        let bodies = [read[0], kept[0]].map { DecodedBody($0.responseBody, head: $0.responseHead) }
        #expect(bodies[0].bytes == bodies[1].bytes && !bodies[0].bytes.isEmpty)
        #expect(bodies[0].notes == ["gzip"])
    }

    @Test func theMessagesOfAWebSocketComeBack() throws {
        var transcript = Transcript()
        transcript.open()
        transcript.request("GET /chat HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket")
        transcript.answer(101, fields: "Upgrade: websocket\r\n", ends: false)
        let long = String(repeating: "x", count: 70_000)
        let frames: [(Bool, [UInt8])] = [
            (true, WebSocketBytes.masked("h\u{e9}llo")), (false, WebSocketBytes.frame(2, [0, 1, 255])),
            (true, WebSocketBytes.frame(9, Array("?".utf8))), (false, WebSocketBytes.frame(10, [])),
            (false, [0x81, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70] + Array(long.utf8)),
            (true, WebSocketBytes.frame(8, [3, 232] + Array("bye".utf8))),
        ]
        for (isFromVisitor, bytes) in frames {
            let bytes = TrafficBytes.bytes(ByteBuffer(bytes: bytes))
            transcript.add(isFromVisitor ? .visitorOpaque(bytes) : .targetOpaque(bytes), after: 10)
        }
        transcript.add(.closed(.visitorClosed), after: 10)
        let kept = try #require(try Self.captured(transcript).first)
        let contents = try HARReader.read(Self.written([kept], at: Transcript.deadline(transcript.time)))
        let read = try #require(contents.exchanges.first)
        let one = try #require(WebSocketTranscript(read))
        let other = try #require(WebSocketTranscript(kept))
        #expect(one.messages.map(\.kind) == other.messages.map(\.kind))
        #expect(one.messages.map(\.payload) == other.messages.map(\.payload))
        #expect(one.messages.map(\.isFromVisitor) == other.messages.map(\.isFromVisitor))
        #expect(
            one.messages.map { $0.time - read.exchange.times.requestBegan }
                == other.messages.map { $0.time - kept.exchange.times.requestBegan }
        )
        #expect(one.notes.isEmpty && read.exchange.isOpaque && read.exchange.status == 101)
        #expect(text(read.exchange.target) == "/chat")
    }

    // MARK: Bad files

    @Test func badEntriesAreSkippedAndCounted() throws {
        let good = Self.entry()
        let contents = try Self.read(
            Self.file(
                good,
                Self.entry(request: "\"method\": \"GET\""),
                "17",
                "{}",
                Self.entry(request: "\"method\": 1, \"url\": \"/\""),
                Self.entry(response: "\"status\": \"200\""),
                "{\"request\": {\"method\": \"GET\", \"url\": \"/\"}, \"startedDateTime\": \"\\u001b[2Jyesterday\"}",
                "{\"request\": [], \"startedDateTime\": \"\"}",
                good
            )
        )
        #expect(contents.exchanges.map(\.number) == [1, 2])
        #expect(
            contents.skipped.map { "\($0.entry) \($0.reason)" } == [
                "2 has no request.url", "3 is a number, not an object", "4 has no request",
                "5 has a number as its request.method, not text", "6 has text as its response.status, not a number",
                "7 has \"\\x1b[2Jyesterday\" as its startedDateTime, which is no usable date",
                "8 has a list as its request, not an object",
            ]
        )
        #expect(
            contents.remarks == [
                "7 of 9 entries could not be read: entry 2 has no request.url, entry 3 is a number, not an object, "
                    + "entry 4 has no request, and 4 more"
            ]
        )
    }

    @Test func whatComesBeforeADamageIsRead() throws {
        let file = Self.file(Self.entry(), Self.entry(), Self.entry())
        let contents = try Self.read(String(file.dropLast(60)))
        #expect(contents.exchanges.count == 2)
        #expect(contents.remarks.first?.hasPrefix("the file is damaged at byte ") == true)
    }

    @Test(arguments: [
        ("", HARError.empty), ("\u{1}", .notJSON(JSONFault(offset: 0, reason: "a value is expected, not \"\\x01\""))),
        ("[]", .noEntries), ("{\"log\": {\"entries\": {}}}", .noEntries), ("7", .noEntries),
        ("{\"log\": {\"entries\": [", .notJSON(JSONFault(offset: 21, reason: "the file ends too early"))),
    ])
    func filesThatAreNoneAreRefused(_ file: String, _ error: HARError) {
        #expect(throws: error) { try Self.read(file) }
        #expect(error.text(file: "a\u{1b}.har").hasPrefix("a\\x1b.har "))
    }

    @Test func filesInOtherFormsAreRefused() {
        #expect(throws: HARError.compressed) { try HARReader.read([0x1f, 0x8b, 8, 0]) }
        #expect(throws: HARError.utf16) { try HARReader.read([0xff, 0xfe, 0x7b, 0]) }
        var limits = HARLimits()
        limits.fileBytes = 3
        #expect(throws: HARError.tooLarge(bytes: 4, limit: 3)) {
            try HARReader.read([0x7b, 0x7d, 0x20, 0x20], limits: limits)
        }
    }

    @Test func limitsHold() throws {
        let body = Self.entry(
            response: "\"status\": 200, \"content\": {\"text\": \"\(String(repeating: "x", count: 100))\"}"
        )
        var limits = HARLimits(bodyBytes: 60)
        limits.entries = 3
        limits.allBodyBytes = 130
        let contents = try Self.read(Self.file(body, body, body, body), limits)
        #expect(contents.exchanges.map(\.responseBody.bytes.count) == [60, 60, 0])
        #expect(contents.exchanges.map(\.responseBody.count) == [100, 100, 100])
        #expect(
            contents.remarks == [
                "only the first 3 of 4 entries were read", "1 body was left out: all of them need too much memory",
            ]
        )
    }

    /// Nothing in a value can make a second line or field.
    @Test func valuesStayInTheirLines() throws {
        let request =
            "\"method\": \"GET \\r\\nX\", \"url\": \"http://a/ b\\r\\nX: y\", \"httpVersion\": \"HTTP/1.1\\r\\n\", "
            + "\"headers\": [{\"name\": \"A:\\r\\nB\", \"value\": \"1\\r\\nC: 2\\u0000\"}, {\"name\": \"\"}, 5, {}]"
        let response = "\"status\": 200, \"statusText\": \"OK\\r\\nX: y\""
        let exchange = try #require(
            Self.read(Self.file(Self.entry(request: request, response: response))).exchanges.first
        )
        #expect(
            text(exchange.requestHead ?? [])
                == "GETX /%20b%0d%0aX:%20y HTTP/1.1\r\nHost: a\r\nAB: 1\r\nAB: C: 2\r\n\r\n"
        )
        #expect(text(exchange.responseHead ?? []) == "HTTP/1.1 200 OK  X: y\r\n\r\n")
    }
}
