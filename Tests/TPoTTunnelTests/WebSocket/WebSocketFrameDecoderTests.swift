import NIOCore
import Testing

@testable import TPoTTunnel

@Suite struct WebSocketFrameDecoderTests {
    // MARK: RFC 6455 section 5.7

    @Test func readsTheExamplesOfTheRFC() throws {
        #expect(try read([0x82, 0x05] + Array("Hello".utf8)) == ["Hello."])
        let masked: [UInt8] = [0x82, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]
        #expect(try read(masked, expectsMask: true) == ["Hello."])
        #expect(try read([0x02, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f]) == ["Hel", "lo."])
        #expect(try read([0x89, 0x05] + Array("Hello".utf8)) == ["ping Hello"])
        #expect(
            try read([0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58], expectsMask: true) == [
                "pong Hello"
            ]
        )
    }

    @Test(arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 200_000], [true, false])
    func readsEveryLengthForm(length: Int, masked: Bool) throws {
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let bytes = frame(0x82, payload, masked: masked)
        var joined: [UInt8] = []
        var ends = 0
        var decoder = WebSocketFrameDecoder(expectsMask: masked)
        // The pieces have an odd size, so that the mask continues in the middle of its key.
        for start in stride(from: 0, to: bytes.count, by: 4_099) {
            let piece = ByteBuffer(bytes: bytes[start..<min(start + 4_099, bytes.count)])
            try decoder.read(piece) { event in
                guard case .payload(let slice, let isEnd) = event else { return }
                joined += slice.readableBytesView
                if isEnd { ends += 1 }
            }
        }
        #expect(joined == payload)
        #expect(ends == 1)
    }

    // MARK: A transcript, cut everywhere

    /// A fragmented message with control frames between its parts, an empty message, and a close.
    private func transcript(masked: Bool) -> [UInt8] {
        frame(0x02, Array("He".utf8), masked: masked) + frame(0x89, Array("are you there".utf8), masked: masked)
            + frame(0x00, [], masked: masked) + frame(0x00, Array("ll".utf8), masked: masked)
            + frame(0x8a, [], masked: masked) + frame(0x80, Array("o".utf8), masked: masked)
            + frame(0x82, [], masked: masked) + frame(0x82, Array("bye".utf8), masked: masked)
            + frame(0x88, [0x10, 0x54] + Array("why".utf8), masked: masked)
    }

    private let expected = ["Hello.", ".", "bye.", "close 4180 why"]
    private let expectedControl = ["ping are you there", "pong "]

    @Test(arguments: [true, false])
    func readsTheSameHoweverItIsCut(masked: Bool) throws {
        let bytes = transcript(masked: masked)
        for cut in 0...bytes.count {
            let seen = try read([Array(bytes[..<cut]), Array(bytes[cut...])], expectsMask: masked)
            #expect(joined(seen.filter { !$0.hasPrefix("p") }) == expected)
            #expect(seen.filter { $0.hasPrefix("p") } == expectedControl)
        }
        let single = try read(bytes.map { [$0] }, expectsMask: masked)
        #expect(joined(single.filter { !$0.hasPrefix("p") }) == expected)
    }

    @Test func aCloseMayBeEmpty() throws {
        #expect(try read([0x88, 0x00]) == ["close - "])
    }

    @Test(arguments: [[0x89, 0x00], [0xff, 0xff], [0x88, 0x02, 0x03, 0xe8]] as [[UInt8]])
    func nothingIsReadAfterAClose(rest: [UInt8]) throws {
        let close: [UInt8] = [0x88, 0x02, 0x03, 0xe8]
        #expect(try read(close + rest) == ["close 1000 "])
        #expect(try read([close, rest], expectsMask: false) == ["close 1000 "])
    }

    @Test func nothingIsReadAfterAnError() throws {
        var decoder = WebSocketFrameDecoder(expectsMask: false)
        #expect(throws: WebSocketError.reservedBits) { try decoder.read(ByteBuffer(bytes: [0xc2, 0x00])) { _ in } }
        var seen = 0
        try decoder.read(ByteBuffer(bytes: [0x89, 0x00, 0x88, 0x00])) { _ in seen += 1 }
        #expect(seen == 0)
    }

    @Test func payloadOfAServerIsNotCopied() throws {
        let bytes = ByteBuffer(bytes: [0x82, 0x7e, 0x10, 0x00]) + ByteBuffer(repeating: 1, count: 4_096)
        let address = bytes.withUnsafeReadableBytes { $0.baseAddress.map { UInt(bitPattern: $0) + 4 } }
        var decoder = WebSocketFrameDecoder(expectsMask: false)
        try decoder.read(bytes) { event in
            guard case .payload(let slice, _) = event else { return }
            #expect(slice.withUnsafeReadableBytes { $0.baseAddress.map { UInt(bitPattern: $0) } } == address)
        }
    }

    // MARK: Errors

    @Test(arguments: [
        ([0xc2, 0x00], WebSocketError.reservedBits, 1002 as UInt16),
        ([0x92, 0x00], .reservedBits, 1002 as UInt16),
        ([0x83, 0x00], .unknownOpcode(3), 1002),
        ([0x8f, 0x00], .unknownOpcode(15), 1002),
        ([0x82, 0x80, 0, 0, 0, 0], .maskNotExpected, 1002),
        ([0x09, 0x00], .fragmentedControl, 1002),
        ([0x89, 0x7e, 0x00, 0x7e], .controlTooLong, 1002),
        ([0x88, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], .controlTooLong, 1002),
        ([0x80, 0x00], .continuationWithoutStart, 1002),
        ([0x02, 0x01, 0x41, 0x82, 0x00], .messageInterrupted, 1002),
        ([0x81, 0x00], .textMessage, 1003),
        ([0x82, 0x7f, 0, 0, 0, 0, 0x06, 0x40, 0, 1], .messageTooLong, 4180),
        ([0x82, 0x7f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], .messageTooLong, 4180),
        ([0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0], .lengthOutOfRange, 1002),
        ([0x82, 0x7e, 0x00, 0x7d], .lengthNotMinimal, 1002),
        ([0x02, 0x00, 0x80, 0x7f, 0, 0, 0, 0, 0, 0, 0xff, 0xff], .lengthNotMinimal, 1002),
        ([0x89, 0x7e, 0x00, 0x05], .controlTooLong, 1002),
        ([0x02, 0x00, 0x81, 0x00], .messageInterrupted, 1002),
        ([0x88, 0x01, 0x03], .truncatedCloseCode, 1002),
        ([0x88, 0x02, 0x03, 0xed], .invalidCloseCode(1005), 1002),
        ([0x88, 0x03, 0x03, 0xe8, 0xff], .invalidCloseReason, 1007),
    ])
    func refuses(bytes: [UInt8], error: WebSocketError, code: UInt16) {
        #expect(error.closeCode == code)
        #expect(throws: error) { try read(bytes) }
        #expect(throws: error) { try read(bytes.map { [$0] }, expectsMask: false) }
    }

    @Test func refusesAClientThatDoesNotMask() {
        #expect(throws: WebSocketError.maskExpected) { try read([0x82, 0x00], expectsMask: true) }
    }

    @Test func reportsWhatCameBeforeAnError() {
        var seen: [String] = []
        var decoder = WebSocketFrameDecoder(expectsMask: false)
        #expect(throws: WebSocketError.textMessage) {
            try decoder.read(ByteBuffer(bytes: [0x82, 0x01, 0x41, 0x81, 0x00])) { seen.append(describe($0)) }
        }
        #expect(seen == ["A."])
    }

    @Test func limitsAMessageNotAFrame() throws {
        var decoder = WebSocketFrameDecoder(expectsMask: false)
        var count = 0
        let half = WebSocketFrameDecoder.maximumMessageLength / 2
        let head = withUnsafeBytes(of: UInt64(half).bigEndian) { Array($0) }
        let mebibyte = ByteBuffer(repeating: 0, count: 1 << 20)
        for first in [0x02, 0x00] as [UInt8] {
            try decoder.read(ByteBuffer(bytes: [first, 0x7f] + head)) { _ in }
            for _ in 0..<50 {
                try decoder.read(mebibyte) { event in
                    if case .payload(let slice, _) = event { count += slice.readableBytes }
                }
            }
        }
        #expect(count == WebSocketFrameDecoder.maximumMessageLength)
        #expect(throws: WebSocketError.messageTooLong) {
            try decoder.read(ByteBuffer(bytes: [0x80, 0x01, 0x00])) { _ in }
        }
    }

    // MARK: Help

    private func frame(_ first: UInt8, _ payload: [UInt8], masked: Bool) -> [UInt8] {
        let bit: UInt8 = masked ? 0x80 : 0
        var bytes = [first]
        switch payload.count {
        case ..<126: bytes.append(bit | UInt8(payload.count))
        case ..<65_536: bytes += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default: bytes += [bit | 127] + withUnsafeBytes(of: UInt64(payload.count).bigEndian) { Array($0) }
        }
        guard masked else { return bytes + payload }
        let key: [UInt8] = [0x12, 0x9f, 0x00, 0xe1]
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 & 3] }
    }

    private func read(_ bytes: [UInt8], expectsMask: Bool = false) throws -> [String] {
        try read([bytes], expectsMask: expectsMask)
    }

    private func read(_ pieces: [[UInt8]], expectsMask: Bool) throws -> [String] {
        var decoder = WebSocketFrameDecoder(expectsMask: expectsMask)
        var seen: [String] = []
        for piece in pieces { try decoder.read(ByteBuffer(bytes: piece)) { seen.append(describe($0)) } }
        return seen
    }

    private func describe(_ event: WebSocketFrameDecoder.Event) -> String {
        switch event {
        case .payload(let bytes, let isEnd): String(buffer: bytes) + (isEnd ? "." : "")
        case .ping(let bytes): "ping \(String(buffer: bytes))"
        case .pong(let bytes): "pong \(String(buffer: bytes))"
        case .close(let code, let reason): "close \(code.map { "\($0)" } ?? "-") \(reason)"
        }
    }

    /// Joins the slices of each message: all slices up to one that ends with a full stop.
    private func joined(_ seen: [String]) -> [String] {
        var messages: [String] = []
        var open = ""
        for text in seen {
            open += text
            if text.hasSuffix(".") || text.hasPrefix("close") {
                messages.append(open)
                open = ""
            }
        }
        return messages
    }
}

private func + (left: ByteBuffer, right: ByteBuffer) -> ByteBuffer {
    var sum = left
    sum.writeImmutableBuffer(right)
    return sum
}
