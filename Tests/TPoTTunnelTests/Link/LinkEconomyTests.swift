import NIOCore
import TPoTWire
import Testing

@testable import TPoTTunnel

/// The cost of the link, in writes and copies: these counts are the same on every machine, times are not.
@Suite struct LinkEconomyTests {
    private func bytes(_ count: Int) -> ByteBuffer { ByteBuffer(repeating: 7, count: count) }

    @Test(arguments: [TunnelLink.Role.client, .server])
    func messagesOfOneTurnLeaveInOneWrite(role: TunnelLink.Role) throws {
        let end = try LinkUnderTest(role)
        for id in 1...50 as ClosedRange<ConversationID> {
            let flow = LinkFlow(id: id)
            end.link.sender.open(.openHTTP(id, RemoteAddress(ip: 0, port: 0)), flow)
            end.link.sender.send(bytes(300), flow)
            end.link.sender.sendClosed(flow, discarding: false)
        }
        #expect(try end.written().count == 1)
        #expect(end.witness.closed.count == 50)
        #expect(try end.written().isEmpty)
    }

    @Test func messagesOfOneReadAreAnsweredInOneWrite() throws {
        let pair = try LinkPair()
        let client = pair.client.link.sender
        pair.client.witness.reaction = { message in
            guard case .data(let id, let request) = message else { return }
            client.send(request, LinkFlow(id: id))
        }
        for id in 1...64 as ClosedRange<ConversationID> { pair.server.link.sender.send(bytes(300), LinkFlow(id: id)) }
        let requests = try pair.server.written()
        #expect(requests.count == 1)
        for buffer in requests { try pair.client.receive(buffer) }
        let answers = try pair.client.written()
        #expect(answers.count == 1)
        for buffer in answers { try pair.server.receive(buffer) }
        #expect(pair.server.witness.dataBytes == 64 * 300)
    }

    /// The sizes are whole turns of a conversation. A small remainder would be copied, as every small piece is.
    @Test(arguments: [16 * 1024, 96 * 1024])
    func aServerSendsALargePayloadFromItsOwnStorage(count: Int) throws {
        let end = try LinkUnderTest(.server)
        let flushes = FlushCounter()
        try end.channel.pipeline.syncOperations.addHandler(flushes, position: .first)
        let payload = bytes(count)
        end.link.sender.send(payload, LinkFlow(id: 1))
        let written = try end.written()
        let copied = written.filter { !payload.contains($0) }.reduce(0) { $0 + $1.readableBytes }
        #expect(written.reduce(0) { $0 + $1.readableBytes } - copied == count)
        // Only frame heads and pings are copied.
        #expect(copied < 100)
        // A single flush, so that one system call can send all of it.
        #expect(flushes.count == 1)
    }
}

/// Counts how often writes are flushed to the socket.
private final class FlushCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var count = 0

    func flush(context: ChannelHandlerContext) {
        count += 1
        context.flush()
    }
}

extension ByteBuffer {
    /// Whether the bytes of `other` lie in the memory of this buffer.
    fileprivate func contains(_ other: ByteBuffer) -> Bool {
        withUnsafeReadableBytes { mine in
            other.withUnsafeReadableBytes { theirs in
                guard let start = mine.baseAddress, let first = theirs.baseAddress else { return false }
                return first >= start && first + theirs.count <= start + mine.count
            }
        }
    }
}
