import FoundationEssentials
import NIOCore
import TPoTCapture
import TPoTInspect
import TPoTTraffic
import TestSupport
import Testing

/// WebSocket messages in HAR files, in the form that Chrome's developer tools write.
@Suite struct HARMessageTests {
    private struct Archive: Decodable {
        struct Message: Decodable, Equatable {
            var type: String
            var time: Double?
            var opcode: Int
            var data: String
            var _note: String?
        }
        struct Request: Decodable { var url: String }
        struct Content: Decodable { var text: String? }
        struct Response: Decodable {
            var status: Int
            var content: Content
        }
        struct Entry: Decodable {
            var request: Request
            var response: Response
            var _resourceType, comment: String?
            var _webSocketMessages: [Message]?
        }
        struct Log: Decodable { var entries: [Entry] }
        var log: Log
    }

    private static func entry(
        _ steps: [(isFromVisitor: Bool, bytes: [UInt8])],
        fields: String = "",
        limit: Int = 1 << 20,
        mask: SecretMask = SecretMask()
    ) throws -> Archive.Entry {
        let store = testStore(bodyBytes: limit)
        var transcript = Transcript()
        transcript.open()
        transcript.request("GET /chat?token=abc HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket")
        transcript.answer(101, fields: "Upgrade: websocket\r\n\(fields)", ends: false)
        for step in steps {
            let bytes = TrafficBytes.bytes(ByteBuffer(bytes: step.bytes))
            transcript.add(step.isFromVisitor ? .visitorOpaque(bytes) : .targetOpaque(bytes), after: 10)
        }
        store.consume(&transcript)
        var bytes: [UInt8] = []
        let options = HARExport.Options(publicURL: "https://a.example", mask: mask, version: "1")
        _ = HARExport.write([1], of: store, options: options) { bytes += $0 }
        return try #require(JSONDecoder().decode(Archive.self, from: Data(bytes)).log.entries.first)
    }

    @Test func messagesOfBothSidesAreListed() throws {
        let entry = try Self.entry([
            (true, WebSocketBytes.masked("h\u{e9}llo")), (false, WebSocketBytes.text("{\"a\": \"\u{1b}\"}")),
            (false, WebSocketBytes.frame(2, [0, 1, 255])), (true, WebSocketBytes.frame(9, Array("?".utf8))),
            (false, WebSocketBytes.frame(10, [])), (true, WebSocketBytes.frame(8, [3, 232] + Array("bye".utf8))),
        ])
        #expect(entry._resourceType == "websocket")
        #expect(entry.request.url == "wss://a.example/chat?token=(masked)")
        #expect(entry.response.status == 101 && entry.response.content.text == nil)
        let messages = try #require(entry._webSocketMessages)
        #expect(messages.map(\.type) == ["send", "receive", "receive", "send", "receive", "send"])
        #expect(messages.map(\.opcode) == [1, 1, 2, 9, 10, 8])
        #expect(messages.map(\.data) == ["h\u{e9}llo", "{\"a\": \"\u{1b}\"}", "AAH/", "Pw==", "", "A+hieWU="])
        // Seconds since 1970: the request came at 12:00:00.
        let times = messages.compactMap(\.time).map { ($0 * 1000).rounded() - 1_795_435_200_000 }
        #expect(times == [10, 20, 30, 40, 50, 60])
        #expect(entry.comment == nil)
    }

    /// The second message refers to the first one (RFC 7692, 7.2.3.2).
    @Test func compressedMessagesAreWrittenAsText() throws {
        let first = WebSocketBytes.frame(1, [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], isCompressed: true)
        let second = WebSocketBytes.frame(1, [0xf2, 0x00, 0x11, 0x00, 0x00], isCompressed: true)
        let fields = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
        let messages = try Self.entry([(false, first + second)], fields: fields)._webSocketMessages
        #expect(messages?.map(\.data) == ["Hello", "Hello"])
        #expect(messages?.map(\._note) == [nil, nil])
        let unread = try Self.entry([(false, first)])._webSocketMessages
        #expect(unread?.first?.opcode == 2 && unread?.first?._note == "compressed, cannot be read")
    }

    @Test func whatIsMissingIsSaid() throws {
        let bytes = WebSocketBytes.masked("hello")
        let entry = try Self.entry([(true, bytes + bytes)], limit: 20)
        #expect(entry._webSocketMessages?.map(\.data) == ["hello", "hel"])
        #expect(entry._webSocketMessages?.last?._note == "not complete")
        #expect(entry.comment == "only the first 20 of 22 bytes from the visitor were captured")
    }

    @Test func otherExchangesHaveNoMessages() throws {
        let store = testStore()
        var transcript = Transcript()
        transcript.exchange()
        store.consume(&transcript)
        var bytes: [UInt8] = []
        _ = HARExport.write([1], of: store, options: .init(version: "1")) { bytes += $0 }
        #expect(!text(bytes).contains("_webSocketMessages"))
    }
}
