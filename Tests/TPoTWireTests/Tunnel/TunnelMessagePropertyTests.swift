import NIOCore
import TPoTWire
import TestSupport
import Testing

/// Random messages of the tunnel, and bytes that are not messages.
@Suite struct TunnelMessagePropertyTests {
    @Test func writtenMessagesAreReadHoweverTheyAreSplit() async {
        let counterexample = await counterexample(of: "tunnel messages", rounds: 1500) { random in
            let messages = (0...random.roll(5)).map { _ in random.message() }
            var decoder = TunnelMessageDecoder()
            for message in messages {
                let bytes = Self.encoded(message)
                try require(bytes.count == message.encodedLength, "\(message) has \(bytes.count) bytes")
                // An empty data message is not reported.
                let expected = bytes.count == TunnelMessage.dataHeaderLength && message.isData ? [] : [message]
                let read = try Self.decode(random.cut(bytes), with: &decoder)
                try require(read == expected, "\(message) was read as \(read)")
            }
        }
        #expect(counterexample == nil)
    }

    /// Splitting bytes does not change whether they are a message, and each message has only one encoding.
    @Test func splittingDoesNotChangeWhetherBytesAreAMessage() async {
        let counterexample = await counterexample(of: "bytes as a tunnel message", rounds: 4000) { random in
            let start: [UInt8] = random.pick([
                [0x11, 0x47], [0x11, 0x48], [0x11, 0x52], [0x12, 1, 0, 0x44], [0x12, 1, 0], [],
            ])
            let bytes =
                random.once(in: 2)
                ? random.mutate(Self.encoded(random.message(upTo: 200))) : start + random.bytes(upTo: 80)
            var decoder = TunnelMessageDecoder()
            let whole = Result { try Self.decode([bytes], with: &decoder) }
            var cutDecoder = TunnelMessageDecoder()
            let cut = Result { try Self.decode(random.cut(bytes), with: &cutDecoder) }
            switch (whole, cut) {
            case (.success(let one), .success(let other)):
                try require(one == other, "\(bytes): whole \(one), cut \(other)")
                let again = one.flatMap(Self.encoded)
                try require(again == bytes || one.isEmpty && bytes.count == 4, "\(bytes) is written as \(again)")
            case (.failure, .failure):
                break
            default:
                throw Counterexample("\(bytes): whole \(whole), cut \(cut)")
            }
        }
        #expect(counterexample == nil)
    }

    private static func encoded(_ message: TunnelMessage) -> [UInt8] {
        var buffer = ByteBuffer()
        message.write(into: &buffer)
        return Array(buffer.readableBytesView)
    }

    /// Decodes a message from its pieces and joins the slices of its data. An extra empty piece may end the message.
    private static func decode(
        _ pieces: [[UInt8]],
        with decoder: inout TunnelMessageDecoder
    ) throws -> [TunnelMessage] {
        var messages: [TunnelMessage] = []
        func take(_ message: TunnelMessage) {
            if case .data(let id, let more) = message, case .data(id, var bytes)? = messages.last {
                bytes.writeImmutableBuffer(more)
                messages[messages.count - 1] = .data(id, bytes)
            } else {
                messages.append(message)
            }
        }
        let endsAlone = pieces.count % 3 != 1
        for (index, piece) in pieces.enumerated() {
            let isEnd = !endsAlone && index == pieces.count - 1
            try decoder.read(ByteBuffer(bytes: piece), isEnd: isEnd, take)
        }
        if endsAlone || pieces.isEmpty { try decoder.read(ByteBuffer(), isEnd: true, take) }
        return messages
    }
}

extension TunnelMessage {
    fileprivate var isData: Bool {
        if case .data = self { true } else { false }
    }
}

extension SeededRandom {
    fileprivate mutating func message(upTo dataLimit: Int = 3000) -> TunnelMessage {
        let id = once(in: 4) ? pick([1, 32_767, 32_768, 65_535]) : ConversationID(1 + roll(65_535))
        let remote = RemoteAddress(ip: UInt32(truncatingIfNeeded: next()), port: UInt16(truncatingIfNeeded: next()))
        switch roll(8) {
        case 0: return .greeting(Subdomain.random(using: &self))
        case 1: return .openHTTP(id, remote)
        case 2: return .openRaw(id, remote)
        case 3: return .pause(id)
        case 4: return .resume(id)
        case 5: return .closed(id)
        case 6: return .couldNotConnect(id)
        default: return .data(id, ByteBuffer(bytes: bytes(upTo: dataLimit)))
        }
    }
}
