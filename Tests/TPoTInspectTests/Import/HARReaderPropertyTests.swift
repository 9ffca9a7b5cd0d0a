import NIOCore
import TestSupport
import Testing

@testable import TPoTCapture
@testable import TPoTInspect
@testable import TPoTTraffic
@testable import TPoTWire

/// Files that somebody else has written, or damaged: reading never traps and takes a time that fits their size.
@Suite struct HARReaderPropertyTests {
    @Test func hostileFilesNeverTrap() async {
        let counterexample = await counterexample(of: "hostile HAR files", rounds: 1500) { random in
            var file = random.once(in: 8) ? random.json(depth: 0) : random.archive()
            if random.once(in: 3) { file = text(random.mutate(Array(file.utf8))) }
            if random.once(in: 8) { file = String(file.prefix(random.roll(file.count + 1))) }
            var limits = HARLimits(bodyBytes: random.pick([0, 1, 20, 1 << 20]))
            if random.once(in: 5) { limits.allBodyBytes = random.roll(60) }
            if random.once(in: 5) { limits.entries = random.roll(4) }
            guard let contents = try? HARReader.read(Array(file.utf8), limits: limits) else { return }
            try Self.check(contents, limits)
        }
        #expect(counterexample == nil)
    }

    /// All that the dashboard does with an exchange works.
    private static func check(_ contents: HARContents, _ limits: HARLimits) throws {
        let numbers = contents.exchanges.map(\.number)
        try require(numbers == Set(numbers).sorted() && numbers.first != 0, "the numbers \(numbers)")
        let read = contents.exchanges.count + contents.skippedCount + contents.entriesLeftOut
        try require(read == contents.entries, "\(read) of \(contents.entries) entries")
        try require(contents.exchanges.count <= limits.entries, "\(contents.exchanges.count) exchanges")
        _ = contents.remarks
        for exchange in contents.exchanges {
            for (body, head) in [
                (exchange.requestBody, exchange.requestHead), (exchange.responseBody, exchange.responseHead),
            ] {
                try require(body.bytes.count <= limits.bodyBytes + 64, "a body of \(body.bytes.count) bytes")
                try require(body.count >= body.bytes.count, "\(body.count) of \(body.bytes.count) bytes")
                _ = DecodedBody(body, head: head)
                guard let head else { continue }
                try require(!head.dropLast(4).contains { $0 == 0 || $0 == 0x7f }, "control characters in \(text(head))")
                try require(text(head).components(of: "\r\n\r\n") == 2, "two heads in \(text(head).debugDescription)")
            }
            if let head = exchange.requestHead {
                let line = HTTPText.firstLine(head).split(separator: 0x20, omittingEmptySubsequences: false)
                try require(line.count == 3, "the line \(text(HTTPText.firstLine(head)))")
            }
            if let transcript = WebSocketTranscript(exchange) {
                try require(!transcript.notes.contains { $0.hasPrefix("no WebSocket frames") }, "\(transcript.notes)")
            }
            let times = exchange.exchange.times
            try require(times.whole(at: contents.end.monotonic) >= .zero, "a negative time")
            try require(ExchangePhases(times, at: contents.end.monotonic).send >= .zero, "a negative phase")
            _ = contents.end.unixNanoseconds(at: times.requestBegan)
            var export = HARExport(options: .init(version: "1"), now: contents.end.monotonic)
            let again = try HARReader.read(export.head() + export.entry(exchange) + export.tail(), limits: limits)
            let isKept = limits.entries == 0 || again.exchanges.count == 1
            try require(isKept, "not read again: \(again.remarks) \(text(export.entry(exchange)))")
        }
    }

    /// What is written for random exchanges is read without a remark, with the same bodies.
    @Test func ourOwnFilesAreReadWhole() async {
        let counterexample = await counterexample(of: "HAR files of ours", rounds: 60) { random in
            let store = testStore(bodyBytes: 2000)
            for step in 0..<random.roll(120) {
                let event = TrafficEvent(
                    time: Transcript.deadline(1000 + step),
                    conversation: 1 + random.next(upTo: 4),
                    kind: random.eventKind()
                )
                store.consume([event])
            }
            var bytes: [UInt8] = []
            let numbers = store.numbers(matching: .all)
            let options = HARExport.Options(mask: random.once(in: 2) ? SecretMask() : .off, version: "1")
            _ = HARExport.write(numbers, of: store, options: options) { bytes += $0 }
            let contents = try HARReader.read(bytes)
            try require(contents.remarks.isEmpty, "\(contents.remarks)")
            try require(contents.exchanges.map(\.number) == numbers.sorted(), "\(contents.exchanges.map(\.number))")
            for read in contents.exchanges {
                guard let kept = store.detail(read.number) else { continue }
                try require(read.exchange.status == kept.exchange.status, "the status")
                guard !kept.exchange.isOpaque else { continue }
                let bodies = [read, kept].map { DecodedBody($0.responseBody, head: $0.responseHead).bytes }
                // Text in another charset is written in UTF-8, with a replacement for what is invalid.
                guard kept.responseHead != nil, kept.exchange.status != nil, bodies[1].allSatisfy({ $0 < 0x80 }) else {
                    continue
                }
                try require(bodies[0] == bodies[1], "\(bodies)")
            }
        }
        #expect(counterexample == nil)
    }

    /// Many elements, members and levels take a time that fits the size.
    @Test(arguments: [
        "[", "{\"a\":", "{\"log\":", "\\", "\"", "{\"log\":{\"entries\":[", "{\"log\":{\"entries\":[{\"request\":",
    ])
    func deepAndEndlessFilesEnd(_ piece: String) {
        let clock = ContinuousClock()
        let began = clock.now
        let file = String(repeating: piece, count: 300_000)
        #expect(throws: HARError.self) { try HARReader.read(Array(file.utf8)) }
        #expect(clock.now - began < .seconds(30))
    }

    @Test func manyMembersTakeLinearTime() throws {
        let members = (0..<20_000).map { "\"\($0)\": [[]]" }.joined(separator: ",")
        let headers = String(repeating: "{\"name\": \"a\", \"value\": \"b\"},", count: 20_000)
        let request = "\"method\": \"GET\", \"url\": \"/\", \"headers\": [\(headers) {}], \(members)"
        let clock = ContinuousClock()
        let began = clock.now
        let contents = try HARReaderTests.read(HARReaderTests.file(HARReaderTests.entry(request: request)))
        #expect(contents.exchanges.count == 1)
        #expect(contents.exchanges[0].requestHead.map { $0.count < 300_000 } == true)
        #expect(clock.now - began < .seconds(30))
    }
}

extension String {
    fileprivate func components(of separator: String) -> Int {
        var (count, rest) = (1, Array(utf8)[...])
        let separator = Array(separator.utf8)
        while !rest.isEmpty {
            if rest.starts(with: separator) { count += 1 }
            rest = rest.dropFirst()
        }
        return count
    }
}

extension SeededRandom {
    /// Any JSON value, with numbers and texts that programs stumble over.
    fileprivate mutating func json(depth: Int) -> String {
        switch roll(depth > 5 ? 6 : 9) {
        case 0:
            return pick([
                "0", "-1", "1e400", "-1e400", "1e-400", "200", "9223372036854775808", "1.5", "-0", "NaN", "-Infinity",
                "1795435200.5", "1e18", "101", "99999999999999999999999999999", "2", "8",
            ])
        case 1: return pick(["true", "false", "null"])
        case 2, 3, 4: return string()
        case 5: return pick(["[]", "{}", "\"\""])
        case 6: return "[" + (0..<roll(4)).map { _ in json(depth: depth + 1) }.joined(separator: ",") + "]"
        default:
            let members = (0..<roll(5)).map { _ in "\"\(Self.names[roll(Self.names.count)])\":\(json(depth: depth + 1))"
            }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    private static let names = [
        "log", "entries", "request", "response", "method", "url", "headers", "name", "value", "status", "content",
        "text",
        "encoding", "postData", "params", "mimeType", "time", "timings", "wait", "startedDateTime", "_number",
        "_remote",
        "_outcome", "_webSocketMessages", "_resourceType", "bodySize", "size", "_truncated", "creator", "_replayOf",
    ]

    private mutating func string() -> String {
        let pieces = [
            "GET", "CONNECT", "http://a.example/x?y=z#f", "https://u:p@[::1]:8/", "://", "/", "a:b", ":method",
            "base64",
            "AAH/", "A", "gzip", "br", "chunked", "gzip, chunked", "text/html; charset=utf-16", "\\r\\n", "\\u0000",
            "\\ud800", "\\udc00", "\\uffff", "\\x", "\u{e9}", "𝄞", "\u{202e}", " ", "2026-11-23T12:00:00Z",
            "0001-01-01T00:00:00Z", "2262-04-11T23:47:16.854775807Z", "1677-09-21T00:12:44Z", "NaN", "send", "receive",
            "websocket", "transfer-encoding", "content-encoding", "content-type", "content-length", "host",
            "203.0.113.9:80", "[::1]:99999", "visitor-left", "limit", "multipart/form-data; boundary=b",
            "application/x-www-form-urlencoded", "Content-Type: x\\r\\n\\r\\nbody",
        ]
        return "\"" + (0..<roll(3)).map { _ in pick(pieces) }.joined() + "\""
    }

    /// A file with entries that are almost right.
    fileprivate mutating func archive() -> String {
        let entries = (0..<roll(5)).map { _ in entry() }
        return
            "{\"log\":{\"version\":\"1.2\",\"creator\":\(json(depth: 4)),\"entries\":[\(entries.joined(separator: ","))]}}"
    }

    private mutating func value(_ usual: String) -> String { once(in: 8) ? json(depth: 2) : usual }

    private mutating func entry() -> String {
        func member(_ name: String, _ value: String) -> String { "\"\(name)\":\(value)" }
        var members: [String] = []
        let headers = headers()
        let bodies = [string(), string()]
        let post =
            "{\"mimeType\":\(string()),\"text\":\(value(bodies[0])),\"encoding\":\(string()),\"params\":\(json(depth: 3))}"
        let content = "{\"size\":\(json(depth: 6)),\"text\":\(value(bodies[1])),\"encoding\":\(string())}"
        let date = once(in: 4) ? string() : "\"2026-11-23T12:00:0\(roll(9))Z\""
        let times = ["blocked", "dns", "connect", "ssl", "send", "wait", "receive"]
            .map { member($0, once(in: 4) ? json(depth: 6) : "\(roll(50)).\(roll(9))") }.joined(separator: ",")
        let request =
            "{\"method\":\(value("\"POST\"")),\"url\":\(value("\"http://a/\"")),\"headers\":\(value(headers)),"
            + "\"httpVersion\":\(string()),\"postData\":\(value(post)),\"bodySize\":\(json(depth: 6))}"
        let response =
            "{\"status\":\(value(pick(["200", "101", "0", "204", "502"]))),\"statusText\":\(string()),"
            + "\"headers\":\(value(self.headers())),\"content\":\(value(content)),\"_error\":\(json(depth: 6))}"
        members.append(member("startedDateTime", value(date)))
        members.append(member("time", json(depth: 6)))
        members.append(member("timings", value("{\(times)}")))
        members.append(member("request", value(request)))
        members.append(member("response", value(response)))
        if once(in: 3) {
            let messages = (0..<roll(4)).map { _ in
                value(
                    "{\"type\":\(pick(["\"send\"", "\"receive\""])),\"time\":\(json(depth: 6)),"
                        + "\"opcode\":\(pick(["1", "2", "8", "9", "10", "0"])),\"data\":\(string())}"
                )
            }
            members.append(member("_webSocketMessages", value("[\(messages.joined(separator: ","))]")))
            members.append(member("_resourceType", value("\"websocket\"")))
        }
        for name in ["_number", "_remote", "_via", "_replayOf", "_outcome", "_reason", "_marked", "connection"]
        where once(in: 3) {
            members.append(member(name, once(in: 2) ? "\(roll(4))" : json(depth: 6)))
        }
        return "{\(members.joined(separator: ","))}"
    }

    private mutating func headers() -> String {
        let fields = (0..<roll(5)).map { _ in "{\"name\":\(string()),\"value\":\(string())}" }
        return "[\(fields.joined(separator: ","))]"
    }
}
