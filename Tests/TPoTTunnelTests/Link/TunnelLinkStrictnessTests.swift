import NIOCore
import Testing

@testable import TPoTTunnel

/// A frame that RFC 6455 forbids ends the link with the right status and is not echoed. A frame that it allows is
/// accepted. Both hold for both roles.
@Suite struct TunnelLinkStrictnessTests {
    /// How the length of a frame is encoded, which may be longer than necessary.
    private enum LengthForm { case short, bits16, bits64 }

    private static func frame(
        _ first: UInt8,
        _ payload: [UInt8],
        for role: TunnelLink.Role,
        form: LengthForm? = nil
    ) -> [UInt8] {
        let count = payload.count
        let bit: UInt8 = role == .server ? 0x80 : 0
        let head: [UInt8] =
            switch form ?? (count < 126 ? .short : count < 65_536 ? .bits16 : .bits64) {
            case .short: [first, bit | UInt8(count)]
            case .bits16: [first, bit | 126, UInt8(count >> 8), UInt8(count & 255)]
            case .bits64: [first, bit | 127] + (0..<8).reversed().map { UInt8(count >> ($0 * 8) & 255) }
            }
        // A key of zeros leaves the payload unchanged.
        return head + (role == .server ? [0, 0, 0, 0] : []) + payload
    }

    private static func close(_ code: UInt16, _ reason: [UInt8] = []) -> [UInt8] {
        [UInt8(code >> 8), UInt8(code & 255)] + reason
    }

    /// Lets one end of a link read the bytes, and returns the close frames of its answer.
    private static func closes(
        _ role: TunnelLink.Role,
        _ bytes: [UInt8]
    ) throws -> (closes: [(code: UInt16?, reason: String)], end: LinkUnderTest) {
        let end = try LinkUnderTest(role)
        try end.receive(bytes)
        let frames = try end.frames(masked: role == .client)
        let closes = frames.compactMap { event in
            if case .close(let code, let reason) = event { (code: code, reason: reason) } else { nil }
        }
        return (closes, end)
    }

    private static let roles = [TunnelLink.Role.client, .server]

    // MARK: Close frames

    @Test(arguments: roles, [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4180, 4182, 4999])
    func aValidCloseIsAnsweredWithItsCode(role: TunnelLink.Role, code: UInt16) throws {
        let reason = "Grüße €𝄞"
        let (closes, end) = try Self.closes(role, Self.frame(0x88, Self.close(code, Array(reason.utf8)), for: role))
        #expect(closes.map(\.code) == [code])
        #expect(end.witness.ends == [.closedByPeer(code: code, reason: reason)])
        #expect(!end.channel.isActive)
    }

    @Test(arguments: roles, [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])
    func aCodeThatNoPeerMaySendIsNotEchoed(role: TunnelLink.Role, code: UInt16) throws {
        let (closes, end) = try Self.closes(role, Self.frame(0x88, Self.close(code), for: role))
        #expect(closes.map(\.code) == [1002])
        #expect(end.witness.ends == [.protocolError("close frame with status \(code)")])
    }

    @Test(arguments: roles)
    func anEmptyCloseIsAnsweredWithAnEmptyOne(role: TunnelLink.Role) throws {
        let (closes, end) = try Self.closes(role, Self.frame(0x88, [], for: role))
        #expect(closes.map(\.code) == [nil])
        #expect(end.witness.ends == [.closedByPeer(code: nil, reason: "")])
    }

    @Test(arguments: roles)
    func aCloseOfOneByteIsMalformed(role: TunnelLink.Role) throws {
        let (closes, _) = try Self.closes(role, Self.frame(0x88, [3], for: role))
        #expect(closes.map(\.code) == [1002])
    }

    @Test(
        arguments: roles,
        [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]] as [[UInt8]]
    )
    func aReasonThatIsNotUTF8IsRefused(role: TunnelLink.Role, bytes: [UInt8]) throws {
        let (closes, _) = try Self.closes(role, Self.frame(0x88, Self.close(1000, [0x6f, 0x6b] + bytes), for: role))
        #expect(closes.map(\.code) == [1007])
    }

    @Test(arguments: roles)
    func nothingAfterACloseCounts(role: TunnelLink.Role) throws {
        let bye = Self.frame(0x88, Self.close(1000), for: role)
        for rest in [[0xff, 0xff, 0xff], bye, Self.frame(0x82, [0x12, 1, 0, 0x58], for: role)] as [[UInt8]] {
            let (closes, end) = try Self.closes(role, bye + rest)
            #expect(closes.map(\.code) == [1000])
            #expect(end.witness.ends == [.closedByPeer(code: 1000, reason: "")])
            #expect(end.witness.messages.isEmpty)
        }
    }

    // MARK: Other frames

    @Test(arguments: roles)
    func framesThatAreForbiddenEndTheLink(role: TunnelLink.Role) throws {
        func frame(_ first: UInt8, _ payload: [UInt8] = [], form: LengthForm? = nil) -> [UInt8] {
            Self.frame(first, payload, for: role, form: form)
        }
        let pause: [UInt8] = [0x12, 1, 0, 0x50]
        let long = [UInt8](repeating: 0, count: 126)
        let maskBit: UInt8 = role == .server ? 0x80 : 0
        let other: TunnelLink.Role = role == .server ? .client : .server
        let forbidden: [(String, [UInt8], UInt16)] = [
            ("length of 4 in 16 bits", frame(0x82, pause, form: .bits16), 1002),
            ("length of 4 in 64 bits", frame(0x82, pause, form: .bits64), 1002),
            ("length of 126 in 64 bits", frame(0x82, [0x12, 1, 0, 0x44] + long, form: .bits64), 1002),
            ("length of 1 in 16 bits, continuation", frame(0x02, pause) + frame(0x80, [0], form: .bits16), 1002),
            ("length of 2^63", [0x82, maskBit | 127, 0x80] + [UInt8](repeating: 0, count: 11), 1002),
            ("ping, length in 16 bits", frame(0x89, [1], form: .bits16), 1002),
            ("ping of 126 bytes", frame(0x89, long), 1002),
            ("pong of 126 bytes", frame(0x8a, long), 1002),
            ("close of 126 bytes", frame(0x88, Self.close(1000, [UInt8](repeating: 0x78, count: 124))), 1002),
            ("ping in fragments", frame(0x09, [1]), 1002),
            ("close in fragments", frame(0x08, Self.close(1000)), 1002),
            ("reserved bit 1", frame(0xc2, pause), 1002),
            ("reserved bit 2", frame(0xa2, pause), 1002),
            ("reserved bit 3, close", frame(0x98, Self.close(1000)), 1002),
            ("opcode 3", frame(0x83), 1002),
            ("opcode 11", frame(0x8b), 1002),
            ("text", frame(0x81, [0x41]), 1003),
            ("text within a message", frame(0x02, pause) + frame(0x81, [0x41]), 1002),
            ("message within a message", frame(0x02, pause) + frame(0x82, pause), 1002),
            ("continuation of nothing", frame(0x80, pause), 1002),
            ("mask of the other direction", Self.frame(0x82, pause, for: other), 1002),
            ("mask of the other direction, close", Self.frame(0x88, Self.close(1000), for: other), 1002),
        ]
        for (name, bytes, code) in forbidden {
            let (closes, end) = try Self.closes(role, bytes)
            #expect(closes.map(\.code) == [code], "\(name)")
            #expect(end.witness.messages.isEmpty, "\(name)")
            guard case .protocolError? = end.witness.ends.first else {
                Issue.record("\(name): no protocol error")
                continue
            }
            // Later frames are not read, and the connection is closed even if the peer does not answer.
            try end.receive(Self.frame(0x89, [7], for: role))
            #expect(try end.frames(masked: role == .client).isEmpty, "\(name)")
            end.loop.advanceTime(by: .seconds(2))
            #expect(!end.channel.isActive, "\(name)")
            #expect(end.witness.ends.count == 1, "\(name)")
        }
    }

    // MARK: What we send

    /// If the reason were cut within a character, the peer would treat our close as malformed.
    @Test func aReasonIsCutBetweenCharacters() throws {
        let end = try LinkUnderTest(.client)
        end.link.close(code: 4180, reason: String(repeating: "x", count: 121) + "€ and more", end: .stopped)
        var closes: [String] = []
        for case .close(_, let reason) in try end.frames(masked: true) { closes.append(reason) }
        #expect(closes == [String(repeating: "x", count: 121)])
    }

    @Test(arguments: [1000, 1001, 1002, 1003, 1007, 4180])
    func ourOwnCodesAreValid(code: UInt16) throws {
        let pair = try LinkPair()
        pair.server.link.close(code: code, reason: "why", end: .stopped)
        try pair.settle()
        #expect(pair.client.witness.ends == [.closedByPeer(code: code, reason: "why")])
        #expect(!pair.server.channel.isActive)
    }
}
