import NIOCore
import TPoTCapture
import TestSupport
import Testing

@testable import TPoTInspect

/// Bodies that are coded, in another charset, or of several parts, edited as text.
@Suite struct EditedBodyTests {
    private static func captured(_ fields: String, _ body: [UInt8]) throws -> CapturedExchange {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.request("POST / HTTP/1.1\r\nContent-Length: \(body.count)\r\n\(fields)", ends: false)
        if !body.isEmpty { transcript.add(.requestBody(.bytes(ByteBuffer(bytes: body)))) }
        transcript.add(.requestEnd)
        store.consume(&transcript)
        return try #require(store.detail(1))
    }

    private static func edit(
        _ fields: String,
        _ body: [UInt8],
        _ change: (String) -> String
    ) throws -> (head: [UInt8], body: [UInt8]) {
        let editable = try EditableRequest(try captured(fields, body))
        // Editors add a line end to the last line.
        var text = change(text(editable.text))
        if text.last != "\n" { text += "\n" }
        let request = try editable.request(from: Array(text.utf8))
        let end = try #require((0...request.count - 4).first { Array(request[$0..<$0 + 4]) == [13, 10, 13, 10] })
        return (Array(request[..<(end + 4)]), Array(request[(end + 4)...]))
    }

    @Test(arguments: ["gzip", "deflate", "br", "zstd", "gzip, br"])
    func aCodedBodyIsEditedAsTextAndCodedAgain(codings: String) throws {
        let names = codings.split(separator: ",").map { $0.filter { $0 != " " } }
        let plain = Array(#"{"paid": false}"#.utf8)
        let body = names.reduce(plain) { bytes, name in ContentCoder(name).flatMap { $0.encoded(bytes) } ?? bytes }
        try #require(body != plain)
        let fields = "Content-Type: application/json\r\nContent-Encoding: \(codings)"
        let edited = try Self.edit(fields, body) { $0.replacing("false", with: "true") }
        #expect(text(edited.head).contains("Content-Length: \(edited.body.count)\r\n"))
        #expect(text(DecodedBody(CapturedBody(edited.body), head: edited.head).bytes) == #"{"paid": true}"#)
        let bare = try Self.edit(fields, body) { $0.replacing("Content-Encoding: \(codings)\n", with: "") }
        #expect(bare.body == plain, "without the header the body goes as it is shown")
        #expect(try Self.edit(fields, body) { $0.replacing("POST", with: "PUT") }.body == body, "untouched bytes stay")
    }

    /// Some programs write deflate without the header of zlib, and can read nothing else.
    @Test func deflateKeepsItsForm() throws {
        let body = try #require(ContentCoder.rawDeflate.encoded(Array("some text, some text".utf8)))
        let edited = try Self.edit("Content-Encoding: deflate", body) { $0.replacing("some", with: "more") }
        #expect(ContentCoder("deflate", of: edited.body) == .rawDeflate)
        #expect(text(Inflater.inflate(edited.body, .deflate, limit: 100).bytes) == "more text, more text")
    }

    @Test(arguments: ["UTF-8", "gzip", "none", "br"])
    func textWithACodingThatDoesNotFitIsEditedAsItIs(coding: String) throws {
        let edited = try Self.edit("Content-Encoding: \(coding)", Array("readable".utf8)) {
            $0.replacing("readable", with: "changed")
        }
        #expect(text(edited.body) == "changed")
    }

    @Test func aDamagedBodyIsNotText() throws {
        let exchange = try Self.captured("Content-Encoding: gzip", Array(Samples.gzip.dropLast(9)))
        #expect(text(try EditableRequest(exchange).text).hasSuffix(", gzip, damaged>>"))
    }

    @Test(arguments: [
        ("iso-8859-1", [0x63, 0x61, 0x66, 0xe9] as [UInt8], [0x63, 0x61, 0x66, 0xe9, 0x80] as [UInt8]),
        ("utf-16le", [0x61, 0, 0xe9, 0], [0x61, 0, 0xe9, 0, 0xac, 0x20]),
        ("utf-16", [0xfe, 0xff, 0, 0x61], [0xfe, 0xff, 0, 0x61, 0x20, 0xac]),
        ("iso-8859-15", [0x61], [0x61, 0xa4]),
    ])
    func textIsEncodedInItsCharsetAgain(charset: String, body: [UInt8], expected: [UInt8]) throws {
        let edited = try Self.edit("Content-Type: text/plain; charset=\(charset)", body) { $0 + "€" }
        #expect(edited.body == expected)
    }

    @Test func aCharacterThatTheCharsetLacksIsRefused() throws {
        let fields = "Content-Type: text/plain; charset=windows-1252"
        #expect(throws: ReplayRefusal.notInCharset("windows-1252")) {
            try Self.edit(fields, [0x61]) { $0 + "日" }
        }
    }

    // MARK: Several parts

    private static let form = "Content-Type: multipart/form-data; boundary=xx"
    private static let photo: [UInt8] = [0x89, 0x50, 0x0d, 0x0a, 0x1a, 0x00, 0xff]
    private static let parts: [UInt8] =
        Array("--xx\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\nthere\r\n".utf8)
        + Array("--xx\r\nContent-Disposition: form-data; name=\"p\"; filename=\"p.png\"\r\n".utf8)
        + Array("Content-Type: image/png\r\n\r\n".utf8) + photo + Array("\r\n--xx--\r\n".utf8)

    @Test func textPartsAreEditedAndOthersKeepTheirBytes() throws {
        let shown = text(try EditableRequest(try Self.captured(Self.form, Self.parts)).text)
        #expect(shown.contains("\n\nhello\nthere\n--xx\n"))
        #expect(shown.contains("\n<<part 2 as captured: 7 bytes, image/png>>\n--xx--\n"))
        let edited = try Self.edit(Self.form, Self.parts) {
            $0.replacing("hello\n", with: "hello\nyou\n").replacing("p.png", with: "q.png")
        }
        let expected =
            Array("--xx\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\nyou\r\nthere\r\n".utf8)
            + Array("--xx\r\nContent-Disposition: form-data; name=\"p\"; filename=\"q.png\"\r\n".utf8)
            + Array("Content-Type: image/png\r\n\r\n".utf8) + Self.photo + Array("\r\n--xx--\r\n".utf8)
        #expect(edited.body == expected)
        #expect(text(edited.head).contains("Content-Length: \(expected.count)\r\n"))
        #expect(try Self.edit(Self.form, Self.parts) { $0.replacing("POST", with: "PUT") }.body == Self.parts)
    }

    @Test(arguments: ["", "<<part 2>>", "text instead"])
    func aPlaceholderMustStay(replacement: String) throws {
        let line = "<<part 2 as captured: 7 bytes, image/png>>"
        #expect(throws: ReplayRefusal.brokenPlaceholder(line)) {
            try Self.edit(Self.form, Self.parts) { $0.replacing(line, with: replacement) }
        }
        #expect(throws: ReplayRefusal.brokenPlaceholder("<<the body as captured: 3 bytes>>")) {
            try Self.edit("X: 1", [0, 1, 0xff]) { $0.replacing("3 bytes>>", with: "4 bytes>>") }
        }
    }

    @Test func partsThatWereNotEditedKeepOddLineEnds() throws {
        let odd = Array("--xx\r\n\r\na\nb\r\r\n--xx\r\nX: 1\r\n\r\nc\r\n--xx--".utf8)
        let edited = try Self.edit(Self.form, odd) { $0.replacing("X: 1\n\nc", with: "X: 2\n\nd") }
        #expect(text(edited.body) == "--xx\r\n\r\na\nb\r\r\n--xx\r\nX: 2\r\n\r\nd\r\n--xx--")
    }

    @Test func anyBodyOfPartsStaysTheSameWhileTheHeadChanges() throws {
        let seed = testSeed("edited parts")
        var random = SeededRandom(seed: seed)
        for _ in 0..<1000 {
            let body = random.mutate(Self.parts)
            let edited = try Self.edit(Self.form, body) { $0.replacing("POST", with: "PUT") }
            #expect(edited.body == body, "seed \(seed)")
            let editable = try EditableRequest(try Self.captured(Self.form, body))
            #expect(String(validating: editable.text, as: UTF8.self) != nil, "seed \(seed)")
            // Any text gives a request or is refused.
            _ = try? editable.request(from: random.mutate(editable.text))
        }
    }
}
