import NIOCore
import TestSupport
import Testing

@testable import TPoTWire

@Suite("HTTP conversations with random damage")
struct HTTPMutationTests {
    /// Meaningful fragments. Inserted at random they find more faults than random bytes do.
    private static let fragments = [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", ";", "0\r\n\r\n", "0", "ffffffffffffffff\r\n", "1\r\nx\r\n",
        "\r\n\r\n",
        "Content-Length: 3\r\n", "Content-Length: 18446744073709551615\r\n", "Transfer-Encoding: chunked\r\n",
        "Connection: upgrade\r\nUpgrade: x\r\n", "Host: h\r\n", "HTTP/1.1", "HTTP/1.0", "GET / HTTP/1.1\r\n", "HEAD ",
        "CONNECT ", "HTTP/1.1 101 S\r\n\r\n", "HTTP/1.1 100 C\r\n\r\n", "HTTP/1.1 204 N\r\n\r\n", "\u{FF}\u{80}",
    ].map(latin1)

    private static let seeds = HTTPSegmentationTests.samples.map(\.steps)

    private static func damaged(_ generator: inout SeededRandom) -> [HTTPTranscript.Step] {
        var steps = seeds[generator.roll(seeds.count)]
        if generator.roll(3) == 0 { steps += seeds[generator.roll(seeds.count)] }
        for _ in 0..<generator.roll(6) + 1 {
            let step = generator.roll(steps.count)
            damage(&steps[step].bytes, &generator)
        }
        return steps
    }

    private static func damage(_ bytes: inout [UInt8], _ generator: inout SeededRandom) {
        let offset = generator.roll(bytes.count + 1)
        switch generator.roll(6) {
        case 0 where offset < bytes.count: bytes[offset] = UInt8(generator.roll(256))
        case 1 where offset < bytes.count: bytes[offset] ^= 1 << UInt8(generator.roll(8))
        case 2: bytes.removeSubrange(offset..<min(bytes.count, offset + generator.roll(8)))
        case 3: bytes.insert(contentsOf: bytes[offset..<min(bytes.count, offset + generator.roll(40))], at: offset)
        case 4: bytes.insert(UInt8(generator.roll(256)), at: offset)
        default: bytes.insert(contentsOf: fragments[generator.roll(fragments.count)], at: offset)
        }
    }

    /// Properties that hold for any bytes: none are lost or added, and splitting them changes nothing.
    @Test("no bytes are lost, added or read differently", arguments: 0..<20)
    func properties(part: Int) {
        for number in 0..<1500 {
            let seed = UInt64(part * 1500 + number)
            var generator = SeededRandom(seed: seed)
            let steps = Self.damaged(&generator)
            var limits = HTTPConversationReader.Limits()
            if generator.roll(4) == 0 {
                limits.headBytes = generator.roll(120) + 1
                limits.requestsOutstanding = generator.roll(3) + 1
                limits.chunkLineBytes = generator.roll(12) + 1
                limits.trailerBytes = generator.roll(12) + 2
            }
            let whole = HTTPTranscript(steps, limits: limits)
            let cut = HTTPTranscript(steps, cut: .random(seed), limits: limits)
            let visitorSent = steps.filter { $0.side == .visitor }.flatMap(\.bytes)
            let targetSent = steps.filter { $0.side == .target }.flatMap(\.bytes)

            #expect(whole.visitorBytes + visitorSent.suffix(whole.bytesHeld) == visitorSent, "seed \(seed)")
            #expect(whole.targetBytes == Array(targetSent.prefix(whole.targetBytes.count)), "seed \(seed)")
            #expect(cut.visitorLines == whole.visitorLines, "seed \(seed)")
            #expect(cut.targetLines == whole.targetLines, "seed \(seed)")
            #expect(cut.heads == whole.heads, "seed \(seed)")
            #expect(cut.answers == whole.answers, "seed \(seed)")
            #expect(cut.bytesHeld == whole.bytesHeld, "seed \(seed)")
            #expect(cut.answersDue == whole.answersDue, "seed \(seed)")
            #expect(cut.requestIncomplete == whole.requestIncomplete, "seed \(seed)")
            #expect(cut.isWaitingForAnswer == whole.isWaitingForAnswer, "seed \(seed)")
            #expect(cut.targetEnds() == whole.targetEnds(), "seed \(seed)")
            #expect(whole.targetBytes == targetSent, "seed \(seed)")
            #expect(cut.targetBytes == targetSent, "seed \(seed)")
        }
    }

    @Test("damaged heads: replacing Host and listing fields never fail and change nothing else", arguments: 0..<4)
    func heads(part: Int) throws {
        var seen = 0
        for number in 0..<1500 {
            let seed = UInt64(1_000_000 + part * 1500 + number)
            var generator = SeededRandom(seed: seed)
            let transcript = HTTPTranscript(Self.damaged(&generator))
            for head in transcript.heads {
                seen += 1
                let replaced = Array(head.replacingHost(with: ByteBuffer(string: "new")).readableBytesView)
                let raw = Array(head.raw.readableBytesView)
                if let host = head.hostRange {
                    #expect(
                        replaced == raw[..<host.lowerBound] + latin1("new") + raw[host.upperBound...],
                        "seed \(seed)"
                    )
                } else {
                    #expect(replaced == raw, "seed \(seed)")
                }
                // The lenient reader of fields must agree with the strict parser.
                #expect(head.fields.all(named: "host").count == head.hostCount, "seed \(seed)")
                #expect(head.fields.first(named: "host") == head.host, "seed \(seed)")
                #expect(head.routingHost != nil || head.hostCount == 0, "seed \(seed)")
            }
            for answer in transcript.answers {
                seen += 1
                #expect(answer.fields.allSatisfy { $0.name.count <= answer.raw.readableBytes }, "seed \(seed)")
                #expect((100...999).contains(answer.status), "seed \(seed)")
            }
        }
        #expect(seen > 300)
    }
}
