import NIOCore
import TPoTCapture
import TPoTInspect
import TestSupport
import Testing

@Suite struct EventStreamTests {
    /// - Parameter pieces: the body as it came, each piece 100 ms after the one before it.
    private static func exchange(_ fields: String = "", _ pieces: [[UInt8]]) throws -> CapturedExchange {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.request("GET / HTTP/1.1")
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\(fields)\r\n"
        transcript.add(.responseHead(Array(head.utf8)))
        for piece in pieces { transcript.add(.responseBody(.bytes(ByteBuffer(bytes: piece))), after: 100) }
        store.consume(&transcript)
        return try #require(store.detail(1))
    }

    private static func transcript(_ fields: String = "", _ pieces: [String]) throws -> EventStreamTranscript? {
        EventStreamTranscript(try exchange(fields, pieces.map { Array($0.utf8) }))
    }

    private static func times(_ transcript: EventStreamTranscript) -> [Int?] {
        transcript.events.map { event in
            event.time.map { Int(($0 - Transcript.deadline(1000)).nanoseconds / 1_000_000) }
        }
    }

    @Test func eventsAreReadWithTheirTimes() throws {
        let transcript = try #require(
            try Self.transcript(pieces: [
                "\u{feff}event: order\nid: 1\ndata: {\"a\": \"\\u20ac\"}\n\n", ": ping\r\n\r\ndata:x",
                "y\rdata\rdata:  z\r\r",
                "retry: 3000\nnonsense\n\ndata: cut",
            ])
        )
        let events = transcript.events
        #expect(events.map(\.name) == ["order", nil, nil, nil, nil] && events.map(\.id) == ["1", nil, nil, nil, nil])
        #expect(
            events.map { $0.data.map(\.text) } == [["{\"a\": \"€\"}"], [], ["xy", "", " z"], [], ["cut"]]
        )
        #expect(events.map(\.remarks) == [[], ["ping"], [], ["retry: 3000", "nonsense"], []])
        #expect(events.map(\.isComplete) == [true, true, true, true, false])
        #expect(Self.times(transcript) == [100, 200, 300, 400, 400])
    }

    private static func transcript(pieces: [String]) throws -> EventStreamTranscript? { try transcript("", pieces) }

    /// The time is that of the piece with the event's end, however chunks and pieces divide it.
    @Test func timesAreThoseOfTheBytesInChunks() throws {
        let transcript = try #require(
            try Self.transcript(
                "Transfer-Encoding: chunked\r\n",
                ["4\r\ndata", "\r\n5\r\n: 1\n\n\r\n9\r\ndata: 2\n", "\n\r\n", "9\r\ndata: 3\n\n\r\n0\r\n\r\n"]
            )
        )
        #expect(transcript.events.map { $0.data.map(\.text) } == [["1"], ["2"], ["3"]])
        #expect(Self.times(transcript) == [200, 300, 400])
    }

    @Test func theTimesOfCompressedEventsAreNotKnown() throws {
        let gzip: [UInt8] = [
            0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4a, 0x49, 0x2c, 0x49, 0xb4, 0x52, 0x30, 0xe4,
            0xe2, 0x02, 0x00, 0x00, 0x00, 0xff, 0xff,
        ]
        let transcript = try #require(EventStreamTranscript(try Self.exchange("Content-Encoding: gzip\r\n", [gzip])))
        #expect(transcript.events.map { $0.data.map(\.text) } == [["1"]] && Self.times(transcript) == [nil])
        #expect(transcript.notes == ["the times of compressed events are not known"])
    }

    @Test func anythingIsReadWithinLimits() throws {
        let seed = testSeed("event streams")
        var random = SeededRandom(seed: seed)
        let start = Array("event: a\ndata: 1\n\n: c\r\rid\ndata:2\n\n".utf8)
        for _ in 0..<2000 {
            let fields = random.next(upTo: 2) == 0 ? "" : "Transfer-Encoding: chunked\r\n"
            let body = random.mutate(start)
            let cut = Int(random.next(upTo: UInt64(body.count + 1)))
            _ = EventStreamTranscript(try Self.exchange(fields, [Array(body[..<cut]), Array(body[cut...])]))
        }
        let many = String(repeating: ":\n\n", count: EventStreamTranscript.eventLimit + 5)
        let transcript = try #require(EventStreamTranscript(try Self.exchange("", [Array(many.utf8)])))
        #expect(
            transcript.events.count == EventStreamTranscript.eventLimit && transcript.notes.count == 1,
            "seed \(seed)"
        )
    }
}
