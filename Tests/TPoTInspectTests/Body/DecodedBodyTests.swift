import TPoTCapture
import TPoTInspect
import TPoTWire
import TestSupport
import Testing

@Suite struct DecodedBodyTests {
    private static func decode(_ bytes: [UInt8], _ fields: String, limit: Int = DecodedBody.limit) -> DecodedBody {
        DecodedBody(CapturedBody(bytes), head: Array("HTTP/1.1 200 OK\r\n\(fields)\r\n".utf8), limit: limit)
    }

    private static func chunks(_ bytes: [UInt8], size: Int = 7, trailers: String = "") -> [UInt8] {
        var wire: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            let chunk = bytes[start..<min(start + size, bytes.count)]
            wire += Array("\(String(chunk.count, radix: 16));ext=1\r\n".utf8) + chunk + Array("\r\n".utf8)
        }
        return wire + Array("0\r\n\(trailers)\r\n".utf8)
    }

    @Test(arguments: [
        ("Content-Encoding: gzip\r\n", Samples.gzip, ["gzip"]),
        ("content-encoding: X-GZIP\r\n", Samples.gzip, ["x-gzip"]),
        ("Content-Encoding: deflate\r\n", Samples.zlib, ["deflate"]),
        ("Content-Encoding: deflate\r\n", Samples.deflate, ["deflate"]),
        ("Content-Encoding: identity\r\n", Array(Samples.content.utf8), []),
        ("Content-Encoding: gzip\r\n", Samples.gzip + Samples.gzip, ["gzip"]),
        ("Content-Encoding: gzip\r\n", Samples.gzip + [0], ["gzip"]),
        ("Content-Encoding: gzip\r\n", Samples.gzip + [UInt8](repeating: 0, count: 512), ["gzip"]),
        ("Content-Encoding: gzip\r\n", Samples.gzip + Samples.gzip + [0, 0, 0], ["gzip"]),
    ])
    func compressedBodiesAreDecoded(_ fields: String, _ bytes: [UInt8], _ notes: [String]) {
        let body = Self.decode(bytes, fields)
        let isTwice = bytes.starts(with: Samples.gzip + Samples.gzip)
        let times = isTwice ? 2 : 1
        #expect(text(body.bytes) == String(repeating: Samples.content, count: times))
        #expect(body.notes == notes)
        #expect(!body.isStillCoded)
    }

    @Test(arguments: [[0, 1], [0, 0, 0x1f, 0x8b], [0x0d, 0x0a]] as [[UInt8]])
    func otherBytesAfterGzipAreDamage(_ rest: [UInt8]) {
        let body = Self.decode(Samples.gzip + rest, "Content-Encoding: gzip\r\n")
        #expect(text(body.bytes) == Samples.content)
        #expect(body.notes == ["gzip, damaged"])
    }

    /// If the system does not have the library, the coding is named instead.
    @Test(arguments: [("br", Samples.brotli, Samples.brotliBomb), ("zstd", Samples.zstandard, Samples.zstandardBomb)])
    func optionalCodingsAreDecodedIfTheSystemHasTheLibrary(_ coding: String, _ bytes: [UInt8], _ bomb: [UInt8]) {
        let body = Self.decode(bytes, "Content-Encoding: \(coding)\r\n")
        guard !body.isStillCoded else {
            #expect(body.notes == ["\(coding), not decoded"])
            return
        }
        #expect(text(body.bytes) == Samples.content)
        #expect(body.notes == [coding])
        #expect(
            Self.decode(Array(bytes.dropLast(4)), "Content-Encoding: \(coding)\r\n").notes == ["\(coding), incomplete"]
        )
        let cut = Self.decode(bomb, "Content-Encoding: \(coding)\r\n", limit: 100_000)
        #expect(cut.bytes.count == 100_000)
        #expect(cut.notes == ["\(coding), cut at 100000 bytes"])
    }

    @Test func chunksAreRemovedBeforeDecompression() {
        let wire = Self.chunks(Samples.gzip, trailers: "X-Sum: 1\r\n")
        let body = Self.decode(wire, "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n")
        #expect(text(body.bytes) == Samples.content)
        #expect(body.notes == ["chunked", "gzip"])
        #expect(text(body.trailers) == "X-Sum: 1\r\n\r\n")
    }

    @Test func theBeginningOfAnIncompleteStreamIsDecoded() {
        let body = Self.decode(Array(Samples.gzip.prefix(50)), "Content-Encoding: gzip\r\n")
        #expect(!body.bytes.isEmpty)
        #expect(Samples.content.utf8.starts(with: body.bytes))
        #expect(body.notes == ["gzip, incomplete"])
    }

    @Test func aBodyWithAWrongContentEncodingStaysAsItIs() {
        let body = Self.decode(Array("plain".utf8), "Content-Encoding: gzip\r\n")
        #expect(text(body.bytes) == "plain")
        #expect(body.notes == ["not gzip, although the head says so"])
        #expect(!body.isStillCoded, "text is shown as text")
        let binary = Self.decode([0, 1, 2, 0xff], "Content-Encoding: gzip\r\n")
        #expect(binary.isStillCoded)
    }

    @Test func unknownCodingsAreNamed() {
        let body = Self.decode([0, 1, 2, 0xff], "Content-Encoding: sdch\u{1b}\r\n")
        #expect(body.notes == ["sdch\\x1b, not decoded"])
        #expect(body.isStillCoded)
    }

    @Test func aDecompressionBombIsCutAtTheLimit() {
        let body = Self.decode(Samples.gzipBomb, "Content-Encoding: gzip, gzip\r\n")
        #expect(body.bytes.count == DecodedBody.limit)
        #expect(body.notes == ["gzip", "gzip, cut at 8388608 bytes"])
    }

    @Test func hostileBytesNeverTrapAndStayInBounds() {
        let seed = testSeed("hostile bodies")
        var random = SeededRandom(seed: seed)
        let limit = 64 * 1024
        let samples: [(String, [UInt8])] = [
            ("Content-Encoding: gzip\r\n", Samples.gzip),
            ("Content-Encoding: deflate\r\n", Samples.zlib),
            ("Content-Encoding: deflate\r\n", Samples.deflate),
            ("Content-Encoding: br\r\n", Samples.brotli),
            ("Content-Encoding: zstd\r\n", Samples.zstandard),
            ("Transfer-Encoding: gzip, chunked\r\n", Self.chunks(Samples.gzip)),
            (
                "Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n",
                Self.chunks(Array("[1, {\"a\": \"b\\u00e4\"}]".utf8))
            ),
            ("Content-Type: application/x-www-form-urlencoded\r\n", Array("a=1&b=%41+%zz&c".utf8)),
            ("Content-Type: text/plain; charset=utf-16\r\n", [0xff, 0xfe, 0x41, 0x00, 0x00, 0xd8]),
            ("Content-Type: text/plain; charset=\"latin1\"\r\n", [0x80, 0xe4, 0x0a, 0x0d]),
            (
                "Content-Type: multipart/form-data; boundary=\"x\\\"y\"\r\n",
                Array("--x\"y\r\nContent-Disposition: form-data; name=\"a\"; filename=b\r\n\r\nvalue\r\n--x\"y--".utf8)
            ),
            (
                "Content-Type: multipart/mixed; boundary=b\r\n",
                Array("--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n".utf8)
            ),
        ]
        for run in 0..<12_000 {
            let (fields, bytes) = samples[run % samples.count]
            let mutatedFields =
                run % 3 == 0 ? String(decoding: random.mutate(Array(fields.utf8)), as: UTF8.self) : fields
            let head = Array("HTTP/1.1 200 OK\r\n\(mutatedFields)\r\n".utf8)
            let body = CapturedBody(random.mutate(bytes))
            #expect(DecodedBody(body, head: head, limit: limit).bytes.count <= max(limit, body.count), "seed \(seed)")
            for mode in BodyText.Mode.allCases {
                let shown = BodyText(body, head: head, mode: mode, limit: limit)
                for index in [0, 1, shown.count / 2, shown.count - 1, shown.count, -1] {
                    for scalar in shown.line(index).text.unicodeScalars {
                        #expect(VisibleText.isHarmless(scalar), "seed \(seed) run \(run)")
                    }
                }
                #expect(shown.summary.unicodeScalars.allSatisfy(VisibleText.isHarmless), "seed \(seed)")
            }
        }
    }
}
