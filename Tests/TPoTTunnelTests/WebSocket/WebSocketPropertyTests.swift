import NIOCore
import NIOWebSocket
import TPoTWire
import TestSupport
import Testing

@testable import TPoTTunnel

/// Random frames. A slow second reader, which follows RFC 6455 word by word, says what they mean.
@Suite struct WebSocketPropertyTests {
    @Test(arguments: [true, false])
    func whatWasWrittenIsReadHoweverItIsCut(masks: Bool) async {
        let counterexample = await counterexample(of: "frames written, masked \(masks)", rounds: 400) { random in
            var writer = WebSocketFrameWriter(masks: masks)
            var batch = ByteBuffer()
            var expected: [FrameReading.Event] = []
            for _ in 0...random.roll(6) {
                let payload = random.bytes(upTo: random.pick([0, 5, 125, 130, 3000]))
                switch random.roll(4) {
                case 0:
                    writer.write(.ping, ByteBuffer(bytes: payload.prefix(125)), into: &batch)
                    expected.append(.ping(Array(payload.prefix(125))))
                case 1:
                    writer.write(.binary, ByteBuffer(bytes: payload), into: &batch)
                    expected.append(.message(payload))
                default:
                    writer.writeData(0x0201, ByteBuffer(bytes: payload), into: &batch)
                    expected.append(.message([0x12, 1, 2, 0x44] + payload))
                }
            }
            let bytes = Array(batch.readableBytesView)
            let read = FrameReading(random.cut(bytes), expectsMask: masks)
            try require(read == FrameReading(events: expected), "\(expected) was read as \(read)")
        }
        #expect(counterexample == nil)
    }

    @Test(arguments: [true, false])
    func anyBytesAreReadAsTheRFCSays(expectsMask: Bool) async {
        let counterexample = await counterexample(of: "bytes as frames, masked \(expectsMask)", rounds: 3000) {
            random in
            let bytes = random.hostileFrames(masked: expectsMask)
            let expected = FrameReading(byTheBook: bytes, expectsMask: expectsMask)
            for pieces in [[bytes], random.cut(bytes)] {
                let read = FrameReading(pieces, expectsMask: expectsMask)
                try require(read == expected, "\(pieces.count) pieces of \(bytes): \(read) instead of \(expected)")
            }
        }
        #expect(counterexample == nil)
    }

    /// Whatever bytes a peer sends, the link answers with frames that a strict reader accepts. They include at most one
    /// close, and nothing follows it.
    @Test(arguments: [TunnelLink.Role.client, .server])
    func aLinkStaysSoundWhateverComes(role: TunnelLink.Role) async {
        let counterexample = await counterexample(of: "links, \(role)", rounds: 400) { random in
            let end = try LinkUnderTest(role)
            let bytes = random.hostileFrames(masked: role == .server)
            let expected = FrameReading(byTheBook: bytes, expectsMask: role == .server)
            var written: [UInt8] = []
            for piece in random.cut(bytes) {
                try end.receive(piece)
                for buffer in try end.written() { written += buffer.readableBytesView }
            }
            let answers = FrameReading(byTheBook: written, expectsMask: role == .client)
            func place() -> String { "\(bytes), answered with \(answers)" }
            try require(answers.failure == nil, "what we send is malformed: \(place())")
            let closes = answers.events.filter(\.isClose)
            try require(closes.count <= 1 && answers.events.dropLast().allSatisfy { !$0.isClose }, place())
            try require(end.witness.ends.count <= 1, "several ends: \(place())")
            if let close = closes.first {
                let peerClose = expected.events.last { $0.isClose }
                let isAnswer = peerClose.map { close.closeCode == $0.closeCode } ?? false
                let isFailure = close.closeCode == expected.failure.map { Int($0) } || close.closeCode == 4180
                try require(isAnswer || isFailure, "closed for no reason: \(expected), \(place())")
                try require(end.witness.ends.count == 1, "closed without an end: \(place())")
                end.loop.advanceTime(by: .seconds(2))
                try require(!end.channel.isActive, "a closed link lives on: \(place())")
            } else {
                try require(
                    expected.failure == nil && !expected.events.contains(where: \.isClose),
                    "no close: \(place())"
                )
            }
        }
        #expect(counterexample == nil)
    }
}

/// The meaning of bytes as frames: whole messages and control frames, the part of an unfinished message that has
/// arrived, and the close status for a malformed frame.
private struct FrameReading: Equatable {
    enum Event: Equatable {
        case message([UInt8])
        case ping([UInt8])
        case pong([UInt8])
        case close(UInt16?, String)

        var isClose: Bool { closeCode != nil }

        /// -1 if the close has no code; nil for other events.
        var closeCode: Int? {
            if case .close(let code, _) = self { code.map { Int($0) } ?? -1 } else { nil }
        }
    }

    var events: [Event] = []
    var unfinished: [UInt8] = []
    var failure: UInt16?

    init(events: [Event]) { self.events = events }

    /// Reads the pieces with our decoder.
    init(_ pieces: [[UInt8]], expectsMask: Bool) {
        var decoder = TPoTTunnel.WebSocketFrameDecoder(expectsMask: expectsMask)
        do {
            for piece in pieces { try decoder.read(ByteBuffer(bytes: piece)) { take($0) } }
        } catch {
            failure = (error as? WebSocketError)?.closeCode ?? 0
        }
        // Nothing more may be read after an error.
        if failure != nil { try? decoder.read(ByteBuffer(bytes: [0x89, 0])) { take($0) } }
    }

    private mutating func take(_ event: TPoTTunnel.WebSocketFrameDecoder.Event) {
        switch event {
        case .payload(let bytes, let isEnd):
            unfinished += bytes.readableBytesView
            guard isEnd else { return }
            events.append(.message(unfinished))
            unfinished = []
        case .ping(let bytes): events.append(.ping(Array(bytes.readableBytesView)))
        case .pong(let bytes): events.append(.pong(Array(bytes.readableBytesView)))
        case .close(let code, let reason): events.append(.close(code, reason))
        }
    }

    /// Reads whole frames one after the other, as RFC 6455 section 5.2 describes them.
    init(byTheBook bytes: [UInt8], expectsMask: Bool) {
        read(bytes, expectsMask: expectsMask)
    }

    private mutating func read(_ bytes: [UInt8], expectsMask: Bool) {
        var rest = bytes[...]
        var isInMessage = false
        var length = 0
        while rest.count >= 2 {
            let (first, second) = (rest[rest.startIndex], rest[rest.startIndex + 1])
            let (isFinal, opcode, short) = (first & 0x80 != 0, first & 0x0f, Int(second & 0x7f))
            let isControl = opcode >= 8
            // Checked here: the mask's direction (5.1), reserved bits and opcodes (5.2), fragments (5.4), control
            // frames (5.5).
            guard (second & 0x80 != 0) == expectsMask, first & 0x70 == 0, [0, 1, 2, 8, 9, 10].contains(opcode),
                isControl || (opcode == 0) == isInMessage, !isControl || (isFinal && short <= 125)
            else { return fail(1002) }
            guard opcode != 1 else { return fail(1003) }
            rest = rest.dropFirst(2)

            var count = UInt64(short)
            let extra = short == 126 ? 2 : short == 127 ? 8 : 0
            guard rest.count >= extra + (expectsMask ? 4 : 0) else { return }
            if extra > 0 {
                count = rest.prefix(extra).reduce(0) { $0 << 8 + UInt64($1) }
                guard count > (extra == 2 ? 125 : 65_535), count < 1 << 63 else { return fail(1002) }
            }
            rest = rest.dropFirst(extra)
            let key = expectsMask ? Array(rest.prefix(4)) : [0, 0, 0, 0]
            rest = rest.dropFirst(expectsMask ? 4 : 0)
            if !isControl {
                if opcode == 2 { length = 0 }
                guard count <= UInt64(100 * 1024 * 1024 - length) else { return fail(4180) }
                length += Int(count)
                isInMessage = !isFinal
            }
            let payload = rest.prefix(Int(count)).enumerated().map { $1 ^ key[$0 % 4] }
            let isWhole = UInt64(rest.count) >= count
            rest = rest.dropFirst(payload.count)
            if isControl {
                guard isWhole else { return }
                if opcode == 9 { events.append(.ping(payload)) }
                if opcode == 10 { events.append(.pong(payload)) }
                if opcode == 8 { return close(payload) }
            } else {
                unfinished += payload
                if isWhole, isFinal {
                    events.append(.message(unfinished))
                    unfinished = []
                }
                guard isWhole else { return }
            }
        }
    }

    private mutating func fail(_ code: UInt16) { failure = code }

    private mutating func close(_ payload: [UInt8]) {
        guard let first = payload.first else { return events.append(.close(nil, "")) }
        guard payload.count >= 2 else { return fail(1002) }
        let code = UInt16(first) << 8 + UInt16(payload[1])
        let isValid = Set(1000...1014).subtracting([1004, 1005, 1006]).contains(code) || 3000...4999 ~= code
        guard isValid else { return fail(1002) }
        guard let reason = String(validating: payload.dropFirst(2), as: UTF8.self) else { return fail(1007) }
        events.append(.close(code, reason))
    }
}

extension SeededRandom {
    /// Mostly valid frames, so that invalid ones meet every state of a reader.
    fileprivate mutating func hostileFrames(masked: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        var isInMessage = false
        for _ in 0...roll(6) {
            let isControl = once(in: 3)
            var opcode: UInt8 = isControl ? pick([8, 9, 9, 10]) : isInMessage ? 0 : 2
            if once(in: 25) { opcode = UInt8(roll(16)) }
            var isFinal = isControl || !once(in: 3)
            if once(in: 40) { isFinal.toggle() }
            let first = opcode | (isFinal ? 0x80 : 0) | (once(in: 40) ? pick([0x10, 0x20, 0x40, 0x70]) : 0)
            if !isControl { isInMessage = !isFinal }
            let length = pick([0, 1, 2, 4, 20, 125, 126, isControl ? 3 : 300, isControl || !once(in: 30) ? 5 : 65_536])
            let payload =
                opcode == 8 && !once(in: 6)
                ? closePayload() : (0..<length).map { _ in UInt8(truncatingIfNeeded: next()) }
            bytes += frame(first, payload, masked: once(in: 40) ? !masked : masked)
        }
        if once(in: 8) { bytes += [0x82, (masked ? 0x80 : 0) | pick([126, 127])] + self.bytes(upTo: 12) }
        if once(in: 4) { bytes = mutate(bytes) }
        return once(in: 6) ? Array(bytes.prefix(roll(bytes.count + 1))) : bytes
    }

    private mutating func closePayload() -> [UInt8] {
        let code: UInt16 =
            once(in: 3)
            ? UInt16(truncatingIfNeeded: next())
            : pick([1000, 1001, 1004, 1005, 1006, 1014, 1015, 2999, 3000, 4180, 5000])
        let reason: [UInt8] = once(in: 3) ? bytes(upTo: 6) : Array(pick(["", "bye", "Grüße €𝄞"]).utf8)
        return [UInt8(code >> 8), UInt8(code & 255)] + reason
    }

    /// A frame, in most cases with the shortest form of the length.
    private mutating func frame(_ first: UInt8, _ payload: [UInt8], masked: Bool) -> [UInt8] {
        let bit: UInt8 = masked ? 0x80 : 0
        let count = payload.count
        var head = [first]
        if count < 126, !once(in: 25) {
            head.append(bit | UInt8(count))
        } else if count <= 65_535, !once(in: 25) {
            head += [bit | 126, UInt8(count >> 8), UInt8(count & 255)]
        } else {
            head += [bit | 127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
        }
        guard masked else { return head + payload }
        let key = (0..<4).map { _ in UInt8(truncatingIfNeeded: next()) }
        return head + key + payload.enumerated().map { $1 ^ key[$0 & 3] }
    }
}
