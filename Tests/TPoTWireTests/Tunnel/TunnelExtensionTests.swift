import NIOCore
import TPoTWire
import Testing

@Suite struct TunnelExtensionTests {
    private static let messages: [([UInt8], TunnelMessage)] = [
        ([0x12, 7, 1, 0x45, 8, 7, 6, 5, 4, 3, 2, 1], .halfClosed(0x107, total: 0x0102_0304_0506_0708)),
        ([0x12, 7, 1, 0x58, 1, 1, 0, 0, 0, 0, 0, 0, 0], .ended(0x107, .incomplete, taken: 1)),
        (
            [0x11, 0x49, 7, 1, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0x8e, 0xcb],
            .openHTTP(0x107, RemoteAddress(ip6: IPv6Octets(high: 0x2001_0db8_0000_0000, low: 9), port: 52110))
        ),
    ]

    private func decode(_ bytes: [UInt8], _ extensions: TunnelExtensions) throws -> [TunnelMessage] {
        var decoder = TunnelMessageDecoder(extensions: extensions)
        var messages: [TunnelMessage] = []
        // Split at every byte, and whole.
        for cut in 0...bytes.count {
            try decoder.read(ByteBuffer(bytes: bytes[..<cut]), isEnd: cut == bytes.count) { messages.append($0) }
            guard cut < bytes.count else { break }
            try decoder.read(ByteBuffer(bytes: bytes[cut...]), isEnd: true) { messages.append($0) }
        }
        return messages
    }

    @Test func extensionMessagesAreOnlyReadWithTheirExtension() throws {
        for (bytes, message) in Self.messages {
            var written = ByteBuffer()
            message.write(into: &written)
            #expect(Array(written.readableBytesView) == bytes)
            #expect(message.encodedLength == bytes.count)
            let read = try decode(bytes, [.half, .cause, .ip6])
            #expect(read.count == bytes.count + 1 && read.allSatisfy { $0 == message })
            #expect(throws: TunnelMessageError.self) { try decode(bytes, []) }
            #expect(throws: TunnelMessageError.self) { try decode(Array(bytes.dropLast()), [.half, .cause, .ip6]) }
            #expect(throws: TunnelMessageError.self) { try decode(bytes + [0], [.half, .cause, .ip6]) }
        }
    }

    @Test func anEndHasACauseOnlyWithItsExtension() throws {
        #expect(try decode([0x12, 1, 0, 0x58], []).allSatisfy { $0 == .closed(1) })
        #expect(throws: TunnelMessageError.truncated) { try decode([0x12, 1, 0, 0x58], .cause) }
        let unknown: [UInt8] = [0x12, 1, 0, 0x58, 5, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(throws: TunnelMessageError.unknownCause(5)) { try decode(unknown, .cause) }
    }

    /// RFC 5952 section 4.
    @Test(arguments: [
        (UInt64(0), UInt64(0), "::"), (0, 1, "::1"), (0x2001_0db8_0000_0000, 9, "2001:db8::9"),
        (0x2001_0db8_0000_0001, 0x0001_0001_0001_0001, "2001:db8:0:1:1:1:1:1"),
        (0x2001_0000_0000_0001, 0x0000_0000_0000_0001, "2001:0:0:1::1"),
        (0x2001_0db8_0000_0000, 0x0001_0000_0000_0001, "2001:db8::1:0:0:1"),
        (0xfe80_0000_0000_0000, 0xabcd_0000_0000_0000, "fe80::abcd:0:0:0"), (0x0001_0000_0000_0000, 0, "1::"),
    ])
    func ipv6AddressesAreWrittenAsInRFC5952(high: UInt64, low: UInt64, text: String) {
        let remote = RemoteAddress(ip6: IPv6Octets(high: high, low: low), port: 80)
        #expect(remote.host == text)
        #expect(remote.description == "[\(text)]:80")
    }
}
