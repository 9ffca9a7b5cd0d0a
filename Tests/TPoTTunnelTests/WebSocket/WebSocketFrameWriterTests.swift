import NIOCore
import NIOEmbedded
import NIOWebSocket
import TPoTWire
import Testing

@testable import TPoTTunnel

@Suite struct WebSocketFrameWriterTests {
    static let lengths = [0, 1, 121, 122, 125, 126, 65_531, 65_532, 65_535, 65_536, 100_000]

    private func payload(_ length: Int) -> ByteBuffer {
        ByteBuffer(bytes: (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 13) })
    }

    @Test(arguments: lengths, [true, false])
    func readsBackWhatItWrote(length: Int, masks: Bool) throws {
        var writer = WebSocketFrameWriter(masks: masks)
        var batch = ByteBuffer()
        writer.writeData(513, payload(length), into: &batch)
        writer.write(.closed(513), into: &batch)
        writer.write(.ping, ByteBuffer(integer: UInt64(7)), into: &batch)

        var frames = TPoTTunnel.WebSocketFrameDecoder(expectsMask: masks)
        var messages = TunnelMessageDecoder()
        var seen: [TunnelMessage] = []
        var pings: [ByteBuffer] = []
        try frames.read(batch) { event in
            switch event {
            case .payload(let bytes, let isEnd): try messages.read(bytes, isEnd: isEnd) { seen.append($0) }
            case .ping(let bytes): pings.append(bytes)
            default: Issue.record("not expected: \(event)")
            }
        }
        #expect(seen == (length == 0 ? [] : [.data(513, payload(length))]) + [.closed(513)])
        #expect(pings == [ByteBuffer(integer: UInt64(7))])
    }

    @Test(arguments: lengths, [true, false])
    func nioReadsWhatItWrote(length: Int, masks: Bool) throws {
        var writer = WebSocketFrameWriter(masks: masks)
        var batch = ByteBuffer()
        writer.write(.binary, payload(length), into: &batch)
        writer.writeData(300, payload(length), into: &batch)
        let channel = EmbeddedChannel(
            handler: ByteToMessageHandler(TPoTTunnel.WebSocketFrameDecoder.reference(maxFrameSize: 200_000))
        )
        try channel.writeInbound(batch)
        let first = try #require(try channel.readInbound(as: WebSocketFrame.self))
        #expect(first.fin && first.opcode == .binary)
        #expect((first.maskKey != nil) == masks)
        #expect(first.unmaskedData == payload(length))
        let second = try #require(try channel.readInbound(as: WebSocketFrame.self))
        var expected = ByteBuffer()
        TunnelMessage.data(300, payload(length)).write(into: &expected)
        #expect(second.unmaskedData == expected)
        _ = try channel.finish()
    }

    @Test(arguments: lengths)
    func writesTheSameBytesAsNIO(length: Int) throws {
        var writer = WebSocketFrameWriter(masks: false)
        var batch = ByteBuffer()
        writer.write(.binary, payload(length), into: &batch)
        #expect(batch == (try encodedByNIO(WebSocketFrame(fin: true, opcode: .binary, data: payload(length)))))
    }

    @Test(arguments: lengths)
    func readsWhatNIOWrote(length: Int) throws {
        let key = WebSocketMaskingKey([1, 200, 3, 255])
        let frame = WebSocketFrame(fin: true, opcode: .binary, maskKey: key, data: payload(length))
        var decoder = TPoTTunnel.WebSocketFrameDecoder(expectsMask: true)
        var seen = ByteBuffer()
        try decoder.read(try encodedByNIO(frame)) { event in
            if case .payload(let bytes, _) = event { seen.writeImmutableBuffer(bytes) }
        }
        #expect(seen == payload(length))
    }

    @Test func aHeadAloneIsTheSameAsTheStartOfTheWhole() {
        var writer = WebSocketFrameWriter(masks: false)
        var whole = ByteBuffer()
        writer.writeData(9, payload(70_000), into: &whole)
        var head = ByteBuffer()
        writer.writeUnmaskedDataHead(9, length: 70_000, into: &head)
        head.writeImmutableBuffer(payload(70_000))
        #expect(head == whole)
        #expect(whole.readableBytes - 70_000 <= WebSocketFrameWriter.maximumHeadLength)
    }

    private func encodedByNIO(_ frame: WebSocketFrame) throws -> ByteBuffer {
        let channel = EmbeddedChannel(handler: WebSocketFrameEncoder())
        try channel.writeOutbound(frame)
        var bytes = ByteBuffer()
        while var part = try channel.readOutbound(as: ByteBuffer.self) { bytes.writeBuffer(&part) }
        _ = try channel.finish()
        return bytes
    }
}

extension TPoTTunnel.WebSocketFrameDecoder {
    /// NIO's decoder, which has the same name as ours.
    fileprivate static func reference(maxFrameSize: Int) -> NIOWebSocket.WebSocketFrameDecoder {
        NIOWebSocket.WebSocketFrameDecoder(maxFrameSize: maxFrameSize)
    }
}
