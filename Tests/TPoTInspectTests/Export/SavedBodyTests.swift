import NIOCore
import TPoTCapture
import TPoTInspect
import TestSupport
import Testing

@Suite struct SavedBodyTests {
    private static func saved(_ fields: String, _ body: [UInt8], limit: Int = 1000) throws -> SavedBody? {
        let store = testStore(bodyBytes: limit)
        var transcript = Transcript()
        transcript.open()
        transcript.request("POST / HTTP/1.1\r\n\(fields)", ends: false)
        transcript.add(.requestBody(.bytes(ByteBuffer(bytes: body))))
        transcript.add(.requestEnd)
        store.consume(&transcript)
        return SavedBody(try #require(store.detail(1)), ofResponse: false)
    }

    @Test(arguments: [
        ("Content-Type: application/json", "{}", ".json"), ("Content-Type: text/html", "<p>", ".html"),
        ("X: 1", "[1]", ".json"), ("X: 1", "text", ".txt"), ("Content-Type: application/soap+xml", "<a/>", ".xml"),
        ("Content-Type: application/../../x.sh", "text", ".txt"), ("Content-Type: image/png", "\u{89}PNG", ".png"),
        ("X: 1", "\0\u{1}", ".bin"),
    ])
    func theNameFitsTheContent(fields: String, body: String, ending: String) throws {
        let saved = try #require(try Self.saved(fields, Array(body.utf8)))
        #expect(saved.name == "tpot-1-request" && saved.ending == ending)
        #expect(text(saved.bytes) == body && saved.remark == nil)
    }

    @Test func theContentIsDecodedAndARemarkSaysWhatIsOdd() throws {
        let plain = try #require(try Self.saved("Content-Encoding: gzip", Samples.gzip))
        #expect(plain.bytes != Samples.gzip && plain.remark == "gzip decoded")
        let chunks = try #require(try Self.saved("Transfer-Encoding: chunked", Array("2\r\nab\r\n0\r\n\r\n".utf8)))
        #expect(text(chunks.bytes) == "ab" && chunks.remark == nil)
        let cut = try #require(try Self.saved("X: 1", Array("12345".utf8), limit: 3))
        #expect(text(cut.bytes) == "123" && cut.remark == "only the first 3 of 5 bytes were captured")
    }
}
