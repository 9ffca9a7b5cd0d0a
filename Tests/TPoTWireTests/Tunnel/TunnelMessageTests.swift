import NIOCore
import TPoTWire
import Testing

@Suite struct TunnelMessageTests {
    @Test(arguments: [
        (TunnelMessage.pause(1), "12 01 00 50"),
        (.resume(0x1234), "12 34 12 43"),
        (.closed(32_768), "12 00 80 58"),
        (.couldNotConnect(65_535), "12 ff ff 4e"),
        (.data(2, ByteBuffer(string: "hi")), "12 02 00 44 68 69"),
        (.openHTTP(40_000, RemoteAddress(ip: 0xcb00_7109, port: 0x1234)), "11 48 40 9c cb 00 71 09 34 12"),
        (.openRaw(1, RemoteAddress(ip: 0, port: 0)), "11 52 01 00 00 00 00 00 00 00"),
    ])
    func messagesHaveTheExpectedBytes(message: TunnelMessage, hex: String) throws {
        let bytes = hex.split(separator: " ").compactMap { UInt8($0, radix: 16) }
        var encoded = ByteBuffer()
        message.write(into: &encoded)
        #expect(Array(encoded.readableBytesView) == bytes)
        #expect(message.encodedLength == bytes.count)
        #expect(try decode(bytes) == [message])
    }

    // MARK: Greetings

    @Test(arguments: ["a", "bench", "0-9", "abcdefghijklmnopqrstuvwx"])
    func validGreetingsAreRead(name: String) throws {
        let subdomain = try #require(Subdomain(name))
        #expect(try decode(Array("\u{11}GTPoT/1 \(name)".utf8)) == [.greeting(subdomain)])
    }

    @Test(arguments: [
        ("GTPoT/2 bench", TunnelMessageError.unknownVersion),
        ("Gtpot/1 bench", .unknownVersion),
        ("GTPoT/1", .unknownVersion),
        ("G", .unknownVersion),
        ("GTPoT/1 ", .invalidSubdomain),
        ("GTPoT/1 Bench", .invalidSubdomain),
        ("GTPoT/1 -bench", .invalidSubdomain),
        ("GTPoT/1 bench\n", .invalidSubdomain),
        ("GTPoT/1 bench\0", .invalidSubdomain),
        ("GTPoT/1 evil.example", .invalidSubdomain),
        ("GTPoT/1 abcdefghijklmnopqrstuvwxy", .invalidSubdomain),
    ])
    func invalidGreetingsAreRefused(text: String, error: TunnelMessageError) {
        #expect(throws: error) { try decode([0x11] + Array(text.utf8)) }
    }

    @Test func anEndlessGreetingIsRefusedEarly() throws {
        var decoder = TunnelMessageDecoder()
        try decoder.read(ByteBuffer(string: "\u{11}GTPoT/1 "), isEnd: false) { _ in }
        #expect(throws: TunnelMessageError.self) {
            try decoder.read(ByteBuffer(repeating: UInt8(ascii: "a"), count: 1000), isEnd: false) { _ in }
        }
    }

    // MARK: Invalid messages

    @Test(arguments: [
        ([], TunnelMessageError.empty),
        ([0x12], .truncated),
        ([0x12, 1], .truncated),
        ([0x12, 1, 0], .truncated),
        ([0x11], .truncated),
        ([0x11, 0x48, 1, 0, 127, 0, 0, 1, 5], .truncated),
        ([0x11, 0x48, 1, 0, 127, 0, 0, 1, 5, 6, 7], .trailingBytes),
        ([0x12, 1, 0, 0x50, 0], .trailingBytes),
        ([0x10], .unknownType(0x10)),
        ([0x7b, 0x7d], .unknownType(0x7b)),
        ([0x11, 0x58], .unknownControlCode(0x58)),
        ([0x12, 1, 0, 0x51], .unknownConversationCode(0x51)),
        ([0x12, 0, 0, 0x50], .invalidConversationID),
        ([0x12, 0, 0, 0x44, 1], .invalidConversationID),
        ([0x11, 0x48, 0, 0, 127, 0, 0, 1, 5, 6], .invalidConversationID),
    ])
    func invalidMessagesAreRefused(bytes: [UInt8], error: TunnelMessageError) {
        #expect(throws: error) { try decode(bytes) }
        // Also when split, with an empty slice at the end.
        for cut in bytes.indices {
            let pieces = [ByteBuffer(bytes: bytes[..<cut]), ByteBuffer(bytes: bytes[cut...]), ByteBuffer()]
            #expect(throws: TunnelMessageError.self) { try decode(pieces) }
        }
    }

    @Test(arguments: [[0x12, 1, 0, 0x50], [0x11, 0x48, 1, 0], [0x13]] as [[UInt8]])
    func fixedMessagesThatAreTooLongAreRefused(start: [UInt8]) throws {
        let long = ByteBuffer(repeating: 0, count: 65)
        #expect(throws: TunnelMessageError.self) { try decode([ByteBuffer(bytes: start), long]) }
    }

    @Test func errorsNameWhatWasReceived() {
        #expect("\(TunnelMessageError.unknownType(0x7b))" == "unknown message type 0x7b")
        #expect("\(TunnelMessageError.truncated)" == "truncated message")
    }

    // MARK: Data

    @Test func aLongDataMessageIsStreamed() throws {
        var decoder = TunnelMessageDecoder()
        var count = 0
        var slices = 0
        let body: (TunnelMessage) -> Void = { message in
            guard case .data(7, let bytes) = message else { return }
            count += bytes.readableBytes
            slices += 1
        }
        try decoder.read(ByteBuffer(bytes: [0x12, 7, 0, 0x44]), isEnd: false, body)
        let mebibyte = ByteBuffer(repeating: 1, count: 1 << 20)
        for _ in 0..<100 { try decoder.read(mebibyte, isEnd: false, body) }
        #expect(slices == 100)
        try decoder.read(ByteBuffer(), isEnd: true, body)
        #expect(count == 100 << 20)
        #expect(slices == 100)
        // The next message starts afresh.
        var next: [TunnelMessage] = []
        try decoder.read(ByteBuffer(bytes: [0x12, 7, 0, 0x58]), isEnd: true) { next.append($0) }
        #expect(next == [.closed(7)])
    }

    @Test func dataIsASliceOfTheReceivedBuffer() throws {
        var message = ByteBuffer(bytes: [0x12, 1, 0, 0x44])
        message.writeRepeatingByte(7, count: 10_000)
        let sent = message.withUnsafeReadableBytes { $0.baseAddress.map { UInt(bitPattern: $0) + 4 } }
        guard case .data(1, let slice)? = try decode([message]).first else {
            Issue.record("not data")
            return
        }
        #expect(slice.withUnsafeReadableBytes { $0.baseAddress.map { UInt(bitPattern: $0) } } == sent)
    }

    @Test func emptyDataIsNotReported() throws {
        #expect(try decode([0x12, 1, 0, 0x44]).isEmpty)
    }
}
