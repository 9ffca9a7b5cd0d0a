import TestSupport
import Testing

@testable import TPoTInspect

/// Properties that hold for any bytes. Each test prints its seed.
@Suite struct BodyPropertyTests {
    private static func random(_ name: String) -> SeededRandom {
        SeededRandom(seed: testSeed(name))
    }

    /// Laying JSON out only changes white space between tokens, even if the end of the text is missing.
    @Test func layingOutJSONKeepsItsTokens() {
        var random = Self.random("JSON")
        for _ in 0..<4000 {
            var text: [UInt8] = []
            random.appendJSON(to: &text, depth: 0)
            if random.next(upTo: 2) == 0 { text = Array(text.prefix(Int(random.next(upTo: UInt64(text.count) + 1)))) }
            let laidOut = JSONIndenter.indent(text)
            #expect(laidOut.faultOffset == nil, "\(String(decoding: text, as: UTF8.self))")
            #expect(Self.tokens(laidOut.bytes) == Self.tokens(text))
            let broken = random.mutate(text)
            let result = JSONIndenter.indent(broken)
            let end = result.faultOffset ?? broken.count
            #expect(Self.tokens(result.bytes).count <= Self.tokens(broken).count)
            #expect(end <= broken.count && result.bytes.count <= (end + 1) * 70)
        }
    }

    /// Laying markup out changes only white space, whatever the text is.
    @Test func layingOutMarkupKeepsItsText() {
        var random = Self.random("markup")
        let pieces = [
            "<a>", "</a>", "<b x='>'>", "</b>", "<br>", "<!-- c -->", "<![CDATA[ <x> ]]>", "<script>", "</script>",
            "text", " ",
            "\n", "<", ">", "&amp;", "\"", "'", "</", "<!", "<?xml?>", "\u{e9}",
        ]
        for _ in 0..<3000 {
            let count = Int(random.next(upTo: 30))
            var text: [UInt8] = []
            for _ in 0..<count { text += Array(pieces[Int(random.next(upTo: UInt64(pieces.count)))].utf8) }
            if random.next(upTo: 4) == 0 { text = random.mutate(text) }
            for isHTML in [false, true] {
                guard let laidOut = MarkupIndenter.indent(text, isHTML: isHTML) else { continue }
                func content(_ bytes: [UInt8]) -> [UInt8] { bytes.filter { ![0x20, 0x0a, 0x0d, 0x09].contains($0) } }
                #expect(content(laidOut) == content(text), "\(String(decoding: text, as: UTF8.self))")
            }
        }
    }

    /// The text without white space outside strings.
    private static func tokens(_ text: [UInt8]) -> [UInt8] {
        var isInString = false
        var isEscaped = false
        return text.filter { byte in
            if isInString {
                if byte == UInt8(ascii: "\""), !isEscaped { isInString = false }
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
                return true
            }
            if byte == UInt8(ascii: "\"") { isInString = true }
            return byte != 0x20 && byte != 0x0a && byte != 0x0d && byte != 0x09
        }
    }

    /// Chunks of any size give the original content, or its beginning if the end is missing.
    @Test func chunkedBodiesGiveTheirContent() {
        var random = Self.random("chunks")
        for _ in 0..<2000 {
            let content = random.bytes(upTo: 300)
            var wire: [UInt8] = []
            var rest = content[...]
            while !rest.isEmpty {
                let chunk = rest.prefix(1 + Int(random.next(upTo: 64)))
                let zeros = String(repeating: "0", count: Int(random.next(upTo: 3)))
                let size = String(chunk.count, radix: 16, uppercase: random.next(upTo: 2) == 0)
                wire +=
                    Array("\(zeros)\(size)\(random.next(upTo: 2) == 0 ? ";a=\"b\"" : "")\r\n".utf8) + chunk + [13, 10]
                rest = rest.dropFirst(chunk.count)
            }
            let trailers = Array("T: 1\r\n\r\n".utf8)
            let whole = ChunkedBody(wire + Array("0\r\n".utf8) + trailers)
            #expect(whole.bytes == content && whole.trailers == trailers && whole.isComplete)
            let cut = ChunkedBody(Array(wire.prefix(Int(random.next(upTo: UInt64(wire.count) + 1)))))
            #expect(content.starts(with: cut.bytes) && !cut.isComplete && cut.faultOffset == nil)
            let broken = random.mutate(wire)
            let limit = Int(random.next(upTo: 200))
            #expect(ChunkedBody(broken, limit: limit).bytes.count <= min(limit, broken.count))
        }
    }

    /// Runs every decoder on random bytes, and on incomplete and damaged streams.
    @Test func decodersRespectTheirLimits() {
        var random = Self.random("decoders")
        let decoders: [(name: String, sample: [UInt8], bomb: [UInt8], decode: ([UInt8], Int) -> CodingResult?)] = [
            ("gzip", Samples.gzip, Samples.gzipBomb, { Inflater.inflate($0, .gzip, limit: $1) }),
            ("deflate", Samples.zlib, Samples.deflate, { Inflater.inflate($0, .deflate, limit: $1) }),
            ("br", Samples.brotli, Samples.brotliBomb, { BrotliDecoder.shared?.decode($0, limit: $1) }),
            ("zstd", Samples.zstandard, Samples.zstandardBomb, { ZstandardDecoder.shared?.decode($0, limit: $1) }),
        ]
        for decoder in decoders {
            for length in 0..<decoder.sample.count {
                guard let result = decoder.decode(Array(decoder.sample.prefix(length)), 1000) else { continue }
                #expect(Samples.content.utf8.starts(with: result.bytes), "\(decoder.name) cut at \(length)")
                #expect(result.ending != .damaged || length < 4)
            }
            for run in 0..<600 {
                let limit = Int(random.next(upTo: 5000))
                let input = [random.bytes(upTo: 200), random.mutate(decoder.sample), random.mutate(decoder.bomb)][
                    run % 3
                ]
                guard let result = decoder.decode(input, limit) else { continue }
                #expect(result.bytes.count <= limit, "\(decoder.name)")
            }
        }
    }

    @Test func decodedFormsAndPartsAreNotLongerThanTheirInput() {
        var random = Self.random("forms and parts")
        let form = Array("a=1&b=%41+%zz&=&&c%=%".utf8)
        let part =
            "--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"x\"\r\nContent-Type: text/plain\r\n\r\nv\r\n"
        let parts = Array((part + part + "--b--\r\n").utf8)
        for _ in 0..<3000 {
            let fields = random.mutate(form)
            #expect(FormTable.decoded(fields[...]).count <= fields.count)
            #expect(FormTable.lines(fields).count <= fields.count + 1)
            let body = random.mutate(parts)
            let found = MultipartPart.all(in: body, boundary: "b", limit: 1000)
            #expect(found.reduce(0) { $0 + $1.body.count } <= body.count)
            #expect(MultipartTable.lines(body, boundary: "b").count <= found.count * 23)
        }
        let many = Array(String(repeating: "--b\r\n\r\n", count: 5000).utf8)
        #expect(MultipartTable.lines(many, boundary: "b").count <= MultipartTable.limit + 1)
        #expect(FormTable.lines(Array(String(repeating: "a&", count: 20_000).utf8)).count == FormTable.limit + 1)
    }

    /// In any charset, the lines of a text joined together are the text.
    @Test func textIsSplitIntoLinesWithoutLoss() {
        var random = Self.random("text")
        let charsets = ["utf-8", "utf-16", "utf-16be", "latin1", "windows-1252", "koi8-r", "", nil]
        for run in 0..<4000 {
            let bytes = random.bytes(upTo: run % 50 == 0 ? 5000 : 100)
            let text = CharsetText(bytes, charset: charsets[run % charsets.count])
            #expect(text.utf8.count <= bytes.count * 3)
            let table = LineTable(text.utf8)
            let lines = (0..<table.count).map { table[$0] }
            #expect(lines.allSatisfy { $0.count <= LineTable.pieceLength })
            let ends: (UInt8) -> Bool = { $0 != 0x0a && $0 != 0x0d }
            #expect(lines.joined().filter(ends) == text.utf8.filter(ends))
        }
    }
}

extension SeededRandom {
    /// Appends a random JSON value with random white space.
    fileprivate mutating func appendJSON(to text: inout [UInt8], depth: Int) {
        func put(_ string: String) { text += string.utf8 }
        let blank = [" ", "", "\n", "\t", "  \r\n"][Int(next(upTo: 5))]
        switch next(upTo: depth > 4 ? 4 : 6) {
        case 0: put(["true", "false", "null"][Int(next(upTo: 3))])
        case 1: put(["0", "-1.50", "1e400", "12345678901234567890", "-0.0E-7"][Int(next(upTo: 5))])
        case 2, 3: put([#""""#, #""a b""#, #""\"\\""#, #""{[,:]}""#, #""ä\u00e4""#][Int(next(upTo: 5))])
        case 4:
            put("[" + blank)
            for index in 0..<next(upTo: 4) {
                if index > 0 { put("," + blank) }
                appendJSON(to: &text, depth: depth + 1)
            }
            put(blank + "]")
        default:
            put("{" + blank)
            for index in 0..<next(upTo: 4) {
                if index > 0 { put(blank + ",") }
                put("\"key \(index)\"" + blank + ":" + blank)
                appendJSON(to: &text, depth: depth + 1)
            }
            put(blank + "}")
        }
    }
}
