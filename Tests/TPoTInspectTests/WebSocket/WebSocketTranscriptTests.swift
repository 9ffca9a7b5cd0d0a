import NIOCore
import TPoTCapture
import TPoTInspect
import TPoTTraffic
import TestSupport
import Testing

@Suite struct WebSocketTranscriptTests {
    private static let masked = WebSocketBytes.masked
    private static let mask: [UInt8] = [1, 2, 3, 4]

    /// - Parameter steps: the sender and the bytes of each step. 10 ms pass before each of them.
    private static func exchange(
        _ steps: [(isFromVisitor: Bool, bytes: [UInt8])],
        extensions: String = "",
        status: Int = 101,
        limit: Int = 1 << 20
    ) throws -> CapturedExchange {
        let store = testStore(bodyBytes: limit)
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected)
        transcript.request("GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket")
        transcript.answer(status, fields: "Upgrade: WebSocket\r\n\(extensions)", ends: false)
        for step in steps {
            let bytes = TrafficBytes.bytes(ByteBuffer(bytes: step.bytes))
            transcript.add(step.isFromVisitor ? .visitorOpaque(bytes) : .targetOpaque(bytes), after: 10)
        }
        store.consume(&transcript)
        return try #require(store.detail(1))
    }

    /// Lines like `10 > text hello` and `20 < ping`, with the milliseconds since the request.
    private static func described(_ transcript: WebSocketTranscript, _ exchange: CapturedExchange) -> [String] {
        transcript.messages.map { message in
            let time = (message.time - exchange.exchange.times.requestBegan).nanoseconds / 1_000_000
            let words = ["\(time)", message.isFromVisitor ? ">" : "<", "\(message.kind)"]
            return (words + message.lines.map(\.text) + (message.note.map { ["(\($0))"] } ?? []))
                .joined(separator: " ")
        }
    }

    private static func described(
        _ steps: [(isFromVisitor: Bool, bytes: [UInt8])],
        extensions: String = "",
        limit: Int = 1 << 20
    ) throws -> (lines: [String], notes: [String]) {
        let exchange = try exchange(steps, extensions: extensions, limit: limit)
        let transcript = try #require(WebSocketTranscript(exchange))
        return (described(transcript, exchange), transcript.notes)
    }

    @Test func theNumberOfMessagesIsLimited() throws {
        let frames = [UInt8](repeating: 0, count: 500_000).enumerated().map { UInt8($0.offset & 1 == 0 ? 0x81 : 0) }
        let exchange = try Self.exchange([(false, frames)])
        let transcript = try #require(WebSocketTranscript(exchange))
        #expect(transcript.messages.count == WebSocketTranscript.messageLimit)
        #expect(transcript.notes == ["only the first 10000 messages from the target are shown"])
    }

    @Test func aMessageInManyFragmentsIsJoinedInLinearTime() throws {
        var frames: [UInt8] = [0x01, 1, 0x61]
        for _ in 0..<100_000 { frames += [0x00, 1, 0x61] }
        let exchange = try Self.exchange([(false, frames + [0x80, 0])])
        let clock = ContinuousClock()
        let began = clock.now
        let transcript = try #require(WebSocketTranscript(exchange))
        #expect(transcript.messages.map(\.payload.count) == [100_001])
        // Copying the payload for each fragment would take minutes.
        #expect(clock.now - began < .seconds(20))
    }

    @Test func decompressedBytesAreLimitedOverAllMessages() throws {
        // One mebibyte of zeros, compressed by zlib.
        let zeros: [UInt8] =
            [0xec, 0xc1, 0x31, 0x01, 0, 0, 0, 0xc2, 0xa0, 0xf5, 0x4f, 0x6d, 0x08, 0x5f, 0xa0]
            + [UInt8](repeating: 0, count: 1016) + [0x3e, 0x03]
        let bomb = WebSocketBytes.frame(2, zeros, isCompressed: true)
        let exchange = try Self.exchange(
            [(false, Array(repeatElement(bomb, count: 100).joined()))],
            extensions: "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n"
        )
        let transcript = try #require(WebSocketTranscript(exchange))
        #expect(transcript.messages.count == 100)
        #expect(transcript.messages.filter { $0.note == "deflate" }.count == 8)
        #expect(transcript.messages.reduce(0) { $0 + $1.payload.count } < 9 << 20)
    }

    @Test func messagesOfBothSidesAreInOrder() throws {
        let (lines, notes) = try Self.described([
            (true, Self.masked("hello", 1)), (false, WebSocketBytes.text("welcome")),
            (true, Self.masked("{\"a\": 1}", 1) + Self.masked("and more", 1)),
            (false, WebSocketBytes.frame(9, []) + WebSocketBytes.frame(2, [0, 1, 255])),
            (true, WebSocketBytes.frame(10, [], mask: Self.mask)),
            (true, WebSocketBytes.frame(8, [3, 232] + Array("bye".utf8), mask: Self.mask)),
            (false, WebSocketBytes.frame(8, [])),
        ])
        #expect(
            lines == [
                "10 > text hello", "20 < text welcome", "30 > text {\"a\": 1}", "30 > text and more", "40 < ping",
                "40 < binary 00000000  00 01 ff                                          ...", "50 > pong",
                "60 > close(code: Optional(1000)) bye", "70 < close(code: nil)",
            ]
        )
        #expect(notes.isEmpty)
    }

    /// A fragmented message is one message with the time of its last byte. Control frames may come in between.
    @Test func fragmentsAreJoined() throws {
        let bytes =
            WebSocketBytes.frame(1, Array("one ".utf8), mask: Self.mask, isFinal: false)
            + WebSocketBytes.frame(9, Array("?".utf8), mask: Self.mask)
            + WebSocketBytes.frame(0, Array("two".utf8), mask: Self.mask)
            + WebSocketBytes.frame(1, Array(String(repeating: "x", count: 300).utf8), mask: Self.mask)
        let whole = try Self.described([(true, bytes)]).lines.map { $0.drop { $0 != ">" } }
        #expect(
            whole == ["> ping ?", "> text one two", "> text " + String(repeating: "x", count: 300)].map { $0[...] }
        )
        for cut in 1..<bytes.count {
            let steps = [(true, Array(bytes[..<cut])), (true, Array(bytes[cut...]))]
            #expect(try Self.described(steps).lines.map { $0.drop { $0 != ">" } } == whole, "cut at \(cut)")
        }
        let late = try Self.described([
            (true, Array(bytes[..<20])), (false, WebSocketBytes.text("x")), (true, Array(bytes[20...])),
        ])
        #expect(late.lines.map { $0.prefix(4) } == ["10 >", "20 <", "30 >", "30 >"])
    }

    @Test func incompleteMessagesAreMarked() throws {
        let bytes = Self.masked("hello", 1)
        #expect(try Self.described([(true, Array(bytes.dropLast(2)))]).lines == ["10 > text hel (not complete)"])
        #expect(try Self.described([(true, [0x81])]).lines.isEmpty)
        let (lines, notes) = try Self.described([(true, Self.masked("hello", 1) + bytes)], limit: 13)
        #expect(lines == ["10 > text hello"])
        #expect(notes == ["only the first 13 of 22 bytes from the visitor were captured"])
    }

    @Test(arguments: [
        [0x83, 0x00], [0xf1, 0x00], [0x80, 0x01, 0x61], [0x82, 0xff] + [UInt8](repeating: 0xff, count: 12),
    ])
    func invalidFramesEndTheTranscript(_ bytes: [UInt8]) throws {
        let (lines, notes) = try Self.described([(false, WebSocketBytes.text("a") + bytes)])
        #expect(lines == ["10 < text a"])
        #expect(notes.first?.hasPrefix("no WebSocket frames from the target after byte ") == true)
    }

    /// The second message refers to the first one (RFC 7692, 7.2.3.2).
    @Test func compressedMessagesAreRead() throws {
        let first = WebSocketBytes.frame(1, [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], isCompressed: true)
        let second = WebSocketBytes.frame(1, [0xf2, 0x00, 0x11, 0x00, 0x00], isCompressed: true)
        let plain = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
        let lines = try Self.described([(false, first + second), (true, first)], extensions: plain).lines
        #expect(lines == ["10 < text Hello (deflate)", "10 < text Hello (deflate)", "20 > text Hello (deflate)"])
        let alone = "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n"
        let broken = try Self.described([(false, first + second)], extensions: alone).lines
        #expect(broken.count == 2 && broken[1].hasSuffix("(compressed, cannot be read)"))
        #expect(try Self.described([(false, first)]).lines.first?.hasSuffix("(compressed, cannot be read)") == true)
    }

    @Test func onlyWebSocketsAreRead() throws {
        #expect(WebSocketTranscript(try Self.exchange([], status: 200)) == nil)
        #expect(try #require(WebSocketTranscript(try Self.exchange([]))).messages.isEmpty)
    }

    /// Random bytes never trap.
    @Test func randomBytesNeverTrap() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<300 {
            let steps = (0..<4).map { _ in
                let isFromVisitor = random.next(upTo: 2) == 0
                return (
                    isFromVisitor,
                    (0..<Int(random.next(upTo: 40))).map { _ in UInt8(truncatingIfNeeded: random.next(upTo: 256)) }
                )
            }
            let extensions = random.next(upTo: 2) == 0 ? "" : "Sec-WebSocket-Extensions: permessage-deflate\r\n"
            _ = try Self.described(steps, extensions: extensions)
        }
    }
}
