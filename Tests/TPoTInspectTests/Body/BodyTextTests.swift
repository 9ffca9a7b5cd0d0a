import NIOCore
import TPoTCapture
import TPoTInspect
import TestSupport
import Testing

@Suite struct BodyTextTests {
    private static func show(
        _ bytes: [UInt8],
        _ fields: String = "",
        mode: BodyText.Mode = .pretty
    ) -> (lines: [String], summary: String) {
        let text = text(bytes, fields, mode: mode)
        return ((0..<text.count).map { text.line($0).text }, text.summary)
    }

    private static func text(_ bytes: [UInt8], _ fields: String, mode: BodyText.Mode = .pretty) -> BodyText {
        BodyText(CapturedBody(bytes), head: Array("HTTP/1.1 200 OK\r\n\(fields)\r\n".utf8), mode: mode)
    }

    private static func show(_ string: String, _ fields: String = "", mode: BodyText.Mode = .pretty) -> [String] {
        show(Array(string.utf8), fields, mode: mode).lines
    }

    private static let json = "Content-Type: application/json\r\n"

    @Test func layingOutJSONKeepsItsTokens() {
        #expect(
            Self.show("{\"b\":1.00,\"a\":[1e400,12345678901234567890,\"x\\u0041\"],\"e\":{},\"l\":[ ]}", Self.json) == [
                "{",
                "  \"b\": 1.00,",
                "  \"a\": [",
                "    1e400,",
                "    12345678901234567890,",
                "    \"xA\"",
                "  ],",
                "  \"e\": {},",
                "  \"l\": []",
                "}",
            ]
        )
    }

    @Test(arguments: [
        (#"\u20ac"#, "€"), (#"\ud83d\ude00"#, "😀"), (#"\/"#, "/"), (#"\u0041\u00e9"#, "Aé"), (#"\n\t\""#, #"\n\t\""#),
        (#"\u001b[2J"#, #"\u001b[2J"#), (#"\u202e"#, #"\u202e"#), (#"\u0022"#, #"\u0022"#), (#"\u005c"#, #"\u005c"#),
        (#"\ud83d"#, #"\ud83d"#), (#"\\u20ac"#, #"\\u20ac"#),
    ])
    func escapesAreShownDecodedWhereThatIsSafe(escaped: String, shown: String) {
        #expect(Self.show(#"["\#(escaped)"]"#, Self.json)[1] == #"  "\#(shown)""#)
        #expect(Self.show(Array(#"["\#(escaped)"]"#.utf8), Self.json, mode: .raw).lines == [#"["\#(escaped)"]"#])
    }

    /// Some programs write a charset, or nothing, where a coding belongs.
    @Test(arguments: ["UTF-8", "none", "gzip", "br", "x-unknown", "gzip, utf-8"])
    func textIsNeverHiddenByACodingThatDoesNotFit(coding: String) {
        let (lines, summary) = Self.show(Array("readable".utf8), "Content-Encoding: \(coding)\r\n")
        #expect(lines == ["readable"])
        #expect(summary.contains(", "), "a remark says what is odd: \(summary)")
    }

    @Test(arguments: [
        ("windows-1251", [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2] as [UInt8], "Привет"), ("iso-8859-15", [0xa4], "€"),
        ("shift_jis", [0x93, 0xfa, 0x96, 0x7b], "日本"), ("euc-kr", [0xc7, 0xd1], "한"), ("gbk", [0xc4, 0xe3], "你"),
    ])
    func otherCharsetsAreConverted(charset: String, bytes: [UInt8], text: String) {
        #expect(Self.show(bytes, "Content-Type: text/plain; charset=\(charset)\r\n").lines == [text])
    }

    @Test(arguments: ["x-nothing", "utf-8//IGNORE", "../../etc/passwd"])
    func anUnknownCharsetIsReadAsUTF8(charset: String) {
        let (lines, summary) = Self.show(Array("é".utf8), "Content-Type: text/plain; charset=\"\(charset)\"\r\n")
        #expect(lines == ["é"] && summary.contains("read as UTF-8"))
    }

    @Test func markupIsIndented() {
        let xml = #"<?xml version="1.0"?><a><b x=">">text</b><c/><!-- <d> --><e>two<f/></e></a>"#
        #expect(
            Self.show(xml, "Content-Type: application/xml\r\n") == [
                #"<?xml version="1.0"?>"#, "<a>", #"  <b x=">">text</b>"#, "  <c/>", "  <!-- <d> -->", "  <e>two",
                "    <f/>", "  </e>", "</a>",
            ]
        )
        let html = "<!DOCTYPE html><html><body><p>a < b<br>c<script>if (a<b) {}</script></body></html>"
        let lines = Self.show(html, "Content-Type: text/html\r\n")
        #expect(lines.contains { $0.hasSuffix("<script>if (a<b) {}</script>") })
        #expect(lines.last == "</html>" && lines.joined().filter { $0 != " " } == html.filter { $0 != " " })
        for text in ["<a", "a < b", "<a><b", "plain"] {
            #expect(Self.show(text, "Content-Type: text/xml\r\n") == [text], "shown as it is")
        }
    }

    /// Amazon SNS sends its notifications like this.
    @Test(arguments: [
        "text/plain; charset=UTF-8", "text/html", "text/x-log", "text/plain; charset=utf-16le", "text/csv",
    ])
    func jsonWithAnyTextTypeIsLaidOut(type: String) {
        let json = "{\"Type\":\"Notification\",\"n\":[1]}"
        let isWide = type.contains("utf-16")
        let bytes = isWide ? json.utf16.flatMap { [UInt8($0), 0] } : Array(json.utf8)
        let lines = ["{", "  \"Type\": \"Notification\",", "  \"n\": [", "    1", "  ]", "}"]
        #expect(Self.show(bytes, "Content-Type: \(type)\r\n").lines == lines)
        #expect(Self.show(bytes, "Content-Type: \(type)\r\n", mode: .raw).lines == [json])
        if !isWide { #expect(Self.show([0xef, 0xbb, 0xbf] + bytes, "Content-Type: \(type)\r\n").lines == lines) }
    }

    @Test(arguments: [
        "[note] see below", "{{ template }}", "[1] first\n[2] second", "{\"a\":1", "\"text\"", "12", "[1]\n[2]",
    ])
    func textThatIsNotJSONStaysAsItIs(_ string: String) {
        let text = Self.text(Array(string.utf8), "Content-Type: text/plain\r\n")
        #expect((0..<text.count).map { text.line($0).text } == string.split(separator: "\n").map(String.init))
        #expect(text.fault == nil)
    }

    @Test func incompleteJSONIsShownAsFarAsItGoes() {
        #expect(Self.show("{\"a\":[tr", Self.json) == ["{", "  \"a\": [", "    tr"])
        #expect(Self.show("{\"a\":\"unfin", Self.json) == ["{", "  \"a\": \"unfin"])
        #expect(Self.show("{\"a\":1}\n{\"a\":2}\n", Self.json) == ["{", "  \"a\": 1", "}", "{", "  \"a\": 2", "}"])
    }

    @Test(arguments: [
        "{a:1}", "[1,]", "{\"a\" 1}", "[1 2]", "nul!", "]", "{\"a\":1,}", "[\"a\nb\"]", "1abc",
        "[01]", "[1.2.3]", "[-]", "[1.]", "[1e]", "[\"\\x\"]", "[\"\\u12\"]", "[+1]", "[.5]",
    ])
    func invalidJSONIsShownAsItIsWithAFault(_ string: String) {
        #expect(Self.show(string, Self.json) == string.split(separator: "\n").map(String.init))
        for mode in [BodyText.Mode.pretty, .raw] {
            let fault = Self.text(Array(string.utf8), Self.json, mode: mode).fault
            #expect(fault?.hasPrefix("not valid JSON from byte") == true)
        }
    }

    @Test(arguments: ["{\"a\":[1", "{\"a\":\"unfin", "[tr", "[1,2", "{", "[-", "[1.", "\"a", "\"a\\"])
    func incompleteJSONHasAFault(_ string: String) {
        #expect(Self.text(Array(string.utf8), Self.json).fault == "not valid JSON: it ends in the middle")
        let head = Array("HTTP/1.1 200 OK\r\n\(Self.json)\r\n".utf8)
        let growing = BodyText(CapturedBody(Array(string.utf8)), head: head, mode: .pretty, isComplete: false)
        #expect(growing.fault == nil, "the rest may still come")
    }

    @Test func severalJSONValuesAreAFaultExceptInNDJSON() {
        let lines = Array("{\"a\":1}\n{\"a\":2}\n".utf8)
        #expect(Self.text(lines, Self.json).fault == "not valid JSON: it has 2 values")
        #expect(Self.text(lines, "Content-Type: application/x-ndjson\r\n").fault == nil)
    }

    @Test(arguments: ["{}", "[]", " 1 ", "-0.5e+10", "\"\\u00e4\\n\"", "null", "[true,false,{\"a\":[0]}]"])
    func validJSONHasNoFault(_ string: String) {
        #expect(Self.text(Array(string.utf8), Self.json).fault == nil)
    }

    @Test func jsonThatIsNestedTooDeepIsAFault() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(Self.text(Array(deep.utf8), Self.json).fault == "not valid JSON from byte 512 on")
    }

    @Test func jsonIsRecognisedWithoutAMediaType() {
        #expect(Self.show("  {\"a\": 1}").count == 3)
        #expect(Self.show("{not json}") == ["{not json}"])
    }

    @Test func jsonTokensHaveStyles() {
        let text = BodyText(CapturedBody(Array("{\"a\": [true, -1.5e3, \"s: {\"]}".utf8)), head: nil, mode: .pretty)
        let styles = (0..<text.count).flatMap { text.line($0).spans }.filter {
            $0.style != .text && $0.style != .punctuation
        }
        #expect(
            styles == [
                .init("\"a\"", .key), .init("true", .keyword), .init("-1.5e3", .number), .init("\"s: {\"", .string),
            ]
        )
    }

    @Test func rawIsDecodedButNotLaidOut() {
        #expect(Self.show("{\"a\":1}", Self.json, mode: .raw) == ["{\"a\":1}"])
    }

    @Test func formsAreShownAsNamesAndValues() {
        let fields = "Content-Type: application/x-www-form-urlencoded\r\n"
        #expect(
            Self.show("name=J%C3%B6rg+M&empty=&flag&bad=%zz%4&n%3d=1%0a", fields) == [
                "name = Jörg M", "empty = ", "flag = ", "bad = %zz%4", "n= = 1\\x0a",
            ]
        )
    }

    @Test func multipartBodiesAreShownPartByPart() {
        let body = [
            "preamble", "--XX", "Content-Disposition: form-data; name=\"title\"", "", "Hello", "--XX",
            "Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"", "Content-Type: text/plain", "",
            "one", "two", "--XX", "content-disposition: form-data; name=\"bin\"; filename=\"b\"",
            "Content-Type: image/png", "", "\u{89}PNG", "--XX--", "after",
        ].joined(separator: "\r\n")
        let lines = Self.show(body, "Content-Type: multipart/form-data; boundary=XX\r\n")
        #expect(
            lines == [
                "title = Hello", "file: \"a.txt\", text/plain, 8 bytes", "    one", "    two",
                "bin: \"b\", image/png, 5 bytes",
                "00000000  c2 89 50 4e 47                                    ..PNG",
            ]
        )
    }

    /// Slack sends its interactions like this.
    @Test func jsonInAFieldIsLaidOut() {
        let fields = "Content-Type: application/x-www-form-urlencoded\r\n"
        #expect(
            Self.show("payload=%7B%22a%22%3A%5B1%2C2%5D%7D&b=%5B&c=1", fields) == [
                "payload: JSON, 11 bytes", "    {", "      \"a\": [", "        1,", "        2", "      ]", "    }",
                "b = [",
                "c = 1",
            ]
        )
        let part = "--XX\r\nContent-Disposition: form-data; name=\"event\"\r\n\r\n{\"a\":1}\r\n--XX--"
        #expect(
            Self.show(part, "Content-Type: multipart/form-data; boundary=XX\r\n") == [
                "event: JSON, 7 bytes", "    {", "      \"a\": 1", "    }",
            ]
        )
        // The number of lines is limited, even if one field has more.
        let long = "a=[" + String(repeating: "1,", count: 20_000) + "1]&b=2"
        let lines = Self.show(long, fields)
        #expect(lines.count == 10_002)
        #expect(lines.suffix(2) == ["    …", "more fields"])
        // A value that is too long is not laid out.
        #expect(Self.show("a=[\(String(repeating: " ", count: 300_000))]", fields).count == 1)
    }

    @Test(
        arguments: [
            ("utf-8", [0xef, 0xbb, 0xbf, 0xc3, 0xa4], "ä"),
            ("ISO-8859-1", [0xe4, 0x80], "ä€"),
            ("windows-1252", [0x93, 0x61, 0x94], "“a”"),
            ("utf-16", [0xff, 0xfe, 0x61, 0x00, 0xe4, 0x00], "aä"),
            ("utf-16be", [0x00, 0x61, 0x00, 0xe4], "aä"),
            ("utf-16", [0xfe, 0xff, 0xd8, 0x3d, 0xde, 0x42, 0x00], "🙂"),
            ("us-ascii", [0x61, 0xff], "a\\xff"),
        ] as [(String, [UInt8], String)]
    )
    func textIsReadInItsCharset(_ charset: String, _ bytes: [UInt8], _ shown: String) {
        #expect(Self.show(bytes, "Content-Type: text/plain; Charset=\"\(charset)\"\r\n").lines == [shown])
    }

    @Test func anUnknownCharsetIsNamed() {
        #expect(
            Self.show([0x61], "Content-Type: text/plain; charset=x-koi\r\n").summary.contains("x-koi read as UTF-8")
        )
    }

    @Test func binaryBodiesAreShownAsHex() {
        let (lines, summary) = Self.show([0, 1, 2] + Array("abcdefghijklmnop".utf8))
        #expect(
            lines == [
                "00000000  00 01 02 61 62 63 64 65  66 67 68 69 6a 6b 6c 6d  ...abcdefghijklm",
                "00000010  6e 6f 70                                          nop",
            ]
        )
        #expect(summary == "19 bytes")
    }

    @Test func hexShowsTheBytesOnTheWire() {
        let fields = "Transfer-Encoding: chunked\r\n"
        #expect(
            Self.show(Array("1\r\na\r\n0\r\n\r\n".utf8), fields, mode: .hex).lines.first?.hasPrefix(
                "00000000  31 0d 0a 61"
            ) == true
        )
    }

    @Test func theSummaryHasTheNumberOfBytes() {
        let chunked = Self.show(Array("1\r\na\r\n0\r\n\r\n".utf8), "Transfer-Encoding: chunked\r\n")
        #expect(chunked.summary == "11 bytes, chunked: 1 byte")
        #expect(Self.show([]).summary == "0 bytes")
    }

    @Test func longLinesAreCutBetweenCharacters() {
        let line = String(repeating: "ä", count: 3000)
        let lines = Self.show(line)
        #expect(lines.joined() == line)
        #expect(lines.allSatisfy { $0.utf8.count <= 1024 })
        #expect(Self.show(String(repeating: "a", count: 1024) + "\nb").count == 2)
        #expect(Self.show("a\n\nb\r\n") == ["a", "", "b"])
    }

    @Test func theNumberOfLinesIsLimited() {
        let (lines, summary) = Self.show(Array(repeating: 0x0a, count: 1_500_000), "Content-Type: text/plain\r\n")
        #expect(lines.count == 1_000_000)
        #expect(summary.contains("cut at 1000000 lines"))
    }

    @Test func theSummaryNamesAPartialCapture() throws {
        let store = testStore(bodyBytes: 4)
        var transcript = Transcript()
        transcript.exchange(body: "123456")
        store.consume(&transcript)
        let detail = try #require(store.detail(1))
        let text = BodyText(detail.requestBody, head: detail.requestHead, mode: .pretty)
        #expect(text.summary == "6 bytes, truncated at 4")
    }
}
