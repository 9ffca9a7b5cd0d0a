import FoundationEssentials
import NIOCore
import TestSupport
import Testing

@testable import TPoTCapture
@testable import TPoTInspect
@testable import TPoTTraffic
@testable import TPoTWire

/// Exports of random exchanges: a HAR file is always valid JSON, and the shell reads a curl command as the same bytes.
@Suite struct ExportPropertyTests {
    // MARK: HAR

    @Test func aHARFileIsValidJSONAndContainsTheBodies() async {
        let counterexample = await counterexample(of: "HAR files", rounds: 60) { random in
            let store = testStore(bodyBytes: 2000)
            for step in 0..<random.roll(120) {
                let kind = random.once(in: 3) ? random.wellFormedEvent() : random.eventKind()
                let event = TrafficEvent(
                    time: Transcript.deadline(1000 + step),
                    conversation: 1 + random.next(upTo: 4),
                    kind: kind
                )
                store.consume([event])
            }
            var bytes: [UInt8] = []
            let options = HARExport.Options(
                publicURL: random.pick([nil, "https://a.example"]),
                mask: random.once(in: 2) ? SecretMask() : .off,
                version: "1"
            )
            let numbers = store.numbers(matching: .all)
            _ = HARExport.write(numbers, of: store, options: options) { bytes += $0 }
            try require(bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x0a }, "control bytes in the file")
            let archive = try JSONDecoder().decode(Archive.self, from: Data(bytes))
            try require(archive.log.entries.count == numbers.count, "\(archive.log.entries.count) of \(numbers.count)")
            for (entry, number) in zip(archive.log.entries, numbers.sorted()) {
                guard let exchange = store.detail(number), !exchange.exchange.isOpaque else { continue }
                try Self.check(entry, exchange)
            }
        }
        #expect(counterexample == nil)
    }

    private struct Archive: Decodable {
        struct Content: Decodable { var text, encoding: String? }
        struct Pair: Decodable { var name, value: String }
        struct Request: Decodable { var headers: [Pair] }
        struct Response: Decodable {
            var headers: [Pair]
            var content: Content
        }
        struct Entry: Decodable {
            var request: Request
            var response: Response
        }
        struct Log: Decodable { var entries: [Entry] }
        var log: Log
    }

    private static func check(_ entry: Archive.Entry, _ exchange: CapturedExchange) throws {
        let body = DecodedBody(exchange.responseBody, head: exchange.responseHead)
        let text = entry.response.content.text ?? ""
        if entry.response.content.encoding == "base64" {
            try require(Data(base64Encoded: text).map(Array.init) == body.bytes, "a body of \(body.bytes.count) bytes")
        } else if String(validating: body.bytes, as: UTF8.self) != nil, body.mediaType?.charset == nil {
            try require(Array(text.utf8) == body.bytes, "the text \(text.debugDescription) for \(body.bytes)")
        }
        for (head, headers) in [
            (exchange.requestHead, entry.request.headers), (exchange.responseHead, entry.response.headers),
        ] {
            let fields = HTTPText.fields(head ?? [])
            try require(fields.count == headers.count, "\(headers.count) of \(fields.count) fields")
            for (field, header) in zip(fields, headers) where header.value != SecretMask.text {
                try require(
                    field.valueText.utf8.elementsEqual(header.value.utf8),
                    "\(field.valueText.debugDescription)"
                )
            }
        }
    }

    // MARK: curl

    /// The shell runs each command with a fake `curl` that prints its arguments.
    @Test func theShellReadsTheSameBytesFromACurlCommand() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/tpot-words-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let counterexample = await counterexample(of: "curl commands", rounds: 8) { random in
            let requests = (0..<50).map { _ in random.capturedRequest() }
            let commands = try requests.map { request in
                let command = try CurlCommand(
                    request.exchange,
                    target: CurlTarget(TargetAddress("localhost:8080")),
                    mask: .off
                )
                let text = command.text(bodyFile: "/tmp/it's a $body")
                let isVisible = ScalarPieces(text).allSatisfy { piece in
                    if case .scalar(let scalar) = piece {
                        scalar == "\n" || VisibleText.isHarmless(scalar)
                    } else {
                        false
                    }
                }
                try require(isVisible, "\(String(decoding: text, as: UTF8.self).debugDescription)")
                return text
            }
            let words = try await Self.words(of: commands, in: folder)
            try require(words.count == commands.count, "\(words.count) of \(commands.count) commands")
            for (words, request) in zip(words, requests) { try Self.check(words, request) }
        }
        #expect(counterexample == nil)
    }

    /// The arguments of each command as the shell reads them.
    private static func words(of commands: [[UInt8]], in folder: String) async throws -> [[[UInt8]]] {
        let preamble = "curl() { printf '%s\\0' \"$#\"; for word do printf '%s\\0' \"$word\"; done; }\ncd '\(folder)'\n"
        let script = Array(preamble.utf8) + commands.flatMap { $0 + [0x0a] }
        try Data(script).write(to: URL(filePath: folder + "/script"))
        // Without a PATH, text that escapes its quotes cannot start a program.
        try await ChildProcess.run(
            ["/bin/sh", folder + "/script"],
            environment: ["PATH": "/nonexistent"],
            output: folder + "/output",
            within: .seconds(60)
        )
        var rest = [UInt8](try Data(contentsOf: URL(filePath: folder + "/output"))).split(
            separator: 0,
            omittingEmptySubsequences: false
        )[...]
        var words: [[[UInt8]]] = []
        while rest.count > 1, let count = rest.popFirst().flatMap({ Int(String(decoding: $0, as: UTF8.self)) }) {
            words.append(rest.prefix(count).map { Array($0) })
            rest = rest.dropFirst(count)
        }
        return words
    }

    private static func check(_ words: [[UInt8]], _ request: CapturedRequest) throws {
        func place() -> String { "\(words.map { String(decoding: $0, as: UTF8.self) })" }
        func values(of option: String) -> [[UInt8]] {
            words.indices.dropLast().filter { words[$0].elementsEqual(option.utf8) }.map { words[$0 + 1] }
        }
        let method = values(of: "-X").first ?? Array((request.body.isEmpty ? "GET" : "POST").utf8)
        let isHead = words.contains { $0.elementsEqual("--head".utf8) }
        try require(
            isHead ? request.method == "HEAD" : method.elementsEqual(request.method.utf8),
            "the method: \(place())"
        )
        let body = values(of: "--data-raw").first
        let file = values(of: "--data-binary").first
        try require(body == nil || body == request.body, "the body: \(place())")
        try require(file == nil || file?.elementsEqual("@/tmp/it's a $body".utf8) == true, "the file: \(place())")
        try require((body == nil && file == nil) == request.body.isEmpty, "a body or none: \(place())")
        // A name with only a colon removes a field. A name with a semicolon is a field without a value.
        func isNameAlone(_ line: [UInt8]) -> Bool { line.firstIndex(of: UInt8(ascii: ":")) == line.count - 1 }
        let given = values(of: "-H").filter { !isNameAlone($0) }
        let fields = request.fields.map { isNameAlone($0) ? $0.dropLast() + [UInt8(ascii: ";")] : $0 }
        try require(given == fields, "the fields \(given) for \(fields)")
        let target = values(of: "--request-target").first
        let url = words.first { $0.starts(with: "http://localhost:8080".utf8) }
        let asked = target ?? url.map { Array($0.dropFirst("http://localhost:8080".utf8.count)) }
        try require(asked == request.target, "the target: \(place())")
    }
}

/// A captured request and the parts that it was made from.
private struct CapturedRequest {
    var method: String
    var target: [UInt8]
    /// Without Host and Content-Length, which curl adds at the same place with the same value.
    var fields: [[UInt8]]
    var body: [UInt8]
    var exchange: CapturedExchange
}

extension SeededRandom {
    /// An event of a conversation without errors.
    fileprivate mutating func wellFormedEvent() -> TrafficEvent.Kind {
        switch roll(8) {
        case 0: return .opened(.visitor(id: 1, RemoteAddress(ip: 1, port: 1)))
        case 1:
            let head = "POST /?a=%41&b HTTP/1.1\r\nHost: a\r\nCookie: a=b\r\nX: \(shellText())\r\n\r\n"
            return .requestHead(received: Array(head.utf8), sent: nil)
        case 2: return .requestBody(.bytes(ByteBuffer(bytes: bytes(upTo: 60))))
        case 3: return .requestEnd
        case 4:
            let type = pick(["text/plain", "application/json", "image/png", "multipart/form-data; boundary=b", ""])
            return .responseHead(Array("HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nSet-Cookie: a=b; c\r\n\r\n".utf8))
        case 5: return .responseBody(.bytes(ByteBuffer(bytes: bytes(upTo: 60))))
        case 6: return .responseBody(.bytes(ByteBuffer(string: shellText())))
        default: return .responseEnd
        }
    }

    /// Text with characters that have a meaning in a shell, a terminal or JSON.
    fileprivate mutating func shellText() -> String {
        let pieces = [
            "'", "\"", "\\", "$", "`", "$(echo x)", "`echo x`", "!", "!!", "%s", "%", "\\n", "\\047", "*", "?", "~",
            "#", ";", "&&",
            "|", "<", ">", "(", ")", "{", "}", "=", " ", "  ", "a", "-X", "--", "@", "ä", "\u{202e}", "\u{200b}",
            "\u{e000}", "𝄞",
            "\u{1b}[2J", "\u{1}", "\u{7}", "\u{1f}", "\t", "\u{7f}", "\u{85}",
        ]
        return (0...roll(8)).map { _ in pick(pieces) }.joined()
    }

    /// A random request that a target could receive. No field has a line end in it.
    fileprivate mutating func capturedRequest() -> CapturedRequest {
        let method = pick(["GET", "POST", "HEAD", "DELETE", "x'y", "M-SEARCH"])
        let target =
            Array("/".utf8) + pick([Array("a?b=1".utf8), Array("it's/../$x".utf8), Array("é[1]".utf8), [0xff, 0x21]])
        var fields: [[UInt8]] = (0..<roll(4)).map { index in
            let value = trimmed(once(in: 5) ? bytes(upTo: 8).map { $0 < 0x20 ? 0xfe : $0 } : Array(shellText().utf8))
            return Array("X-\(index):".utf8) + (value.isEmpty ? [] : [0x20] + value)
        }
        fields.append(Array("Content-Type: text/plain".utf8))
        var body = once(in: 3) ? [] : Array((shellText() + pick(["", "\n", "\n\n'"])).utf8)
        if once(in: 8) { body += bytes(upTo: 8) }
        var head = Array("\(method) ".utf8) + target + Array(" HTTP/1.1\r\nHost: localhost:8080\r\n".utf8)
        for field in fields { head += field + [0x0d, 0x0a] }
        if !body.isEmpty { head += Array("Content-Length: \(body.count)\r\n".utf8) }
        head += [0x0d, 0x0a]

        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.add(.requestHead(received: head, sent: nil))
        if !body.isEmpty { transcript.add(.requestBody(.bytes(ByteBuffer(bytes: body)))) }
        transcript.add(.requestEnd)
        store.consume(&transcript)
        // The store keeps every request that is fed to it. Without one, the rounds would test nothing.
        guard let exchange = store.detail(1) else { fatalError("the request was not captured: \(head)") }
        return CapturedRequest(method: method, target: target, fields: fields, body: body, exchange: exchange)
    }

    private func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        let start = bytes.drop(while: isBlank)
        return Array(start.prefix(start.lastIndex { !isBlank($0) }.map { $0 - start.startIndex + 1 } ?? 0))
            .filter { $0 != 0x0a && $0 != 0x0d && $0 != 0 }
    }
}
