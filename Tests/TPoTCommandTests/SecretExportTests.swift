import NIOConcurrencyHelpers
import NIOCore
import TPoTCapture
import TPoTInspect
import TPoTNetwork
import TestSupport
import Testing

@testable import TPoTCommand
@testable import TPoTDashboard
@testable import TPoTWire

/// Every way in which an exchange can leave the screen, and what happens to its secrets. Every secret here is the word
/// `SECRET`. Bodies are not masked.
@Suite struct SecretExportTests {
    private static let target =
        "/kept;jsessionid=SECRET/b?access_token=SECRET&X-Amz-Signature=SECRET&code=SECRET&sig=SECRET&key=SECRET"
        + "&api_key=SECRET&%74oken=SECRET&user[secret]=SECRET&keys=kept&next=http://me:SECRET@c.example/"
    private static let fields = [
        "Host: a.example", "Authorization: SECRET", "Proxy-Authorization: SECRET", "Cookie: id=SECRET",
        "X-Api-Key: SECRET", "APIKEY: SECRET", "X_Auth_Token : SECRET", "X-Client-Secret: SECRET",
        "X-Hub-Signature-256: SECRET", "X-Session-Id: SECRET", "X-Internal: SECRET", "X-Plain: kept",
        "Referer: https://me:SECRET@b.example/?token=SECRET&kept=1",
    ]
    private static let requestHead = "POST \(target) HTTP/1.1\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    private static let responseHead =
        "HTTP/1.1 302 Found\r\nSet-Cookie: id=SECRET\r\n"
        + "Location: https://me:SECRET@b.example/?code=SECRET&kept=1#access_token=SECRET\r\n\r\n"
    private static let body = [UInt8]("{\"token\": \"IN-BODY\"}\0".utf8)
    /// With a header that the user named.
    private static let masks = SecretMask(fieldNames: ["x-internal"])

    private static let store: CaptureStore = {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.add(.requestHead(received: Array(requestHead.utf8), sent: nil))
        transcript.add(.requestBody(.bytes(ByteBuffer(bytes: body))))
        transcript.add(.requestEnd)
        transcript.add(.responseHead(Array(responseHead.utf8)))
        transcript.add(.responseEnd)
        store.consume(transcript.events)
        return store
    }()

    private static func curl(_ mask: SecretMask) throws -> CurlCommand {
        try CurlCommand(
            try #require(store.detail(1)),
            target: CurlTarget(TargetAddress("localhost:8080")),
            mask: mask
        )
    }

    private static func copied(_ thing: CopiedThing, _ mask: SecretMask) async -> String {
        let terminal = CopyingTerminal()
        let message = await CopyText(thing, store, mask: mask).copy(to: terminal)
        #expect(message.text.contains("masked (--export-secrets leaves it in)") == (mask != .off))
        return terminal.copied.withLockedValue { $0.joined() }
    }

    private static func lines(_ format: LogFormat, _ mask: SecretMask) -> String {
        let printer = PrinterUnderTest(format, mask: mask)
        printer.publish(.visitor)
        printer.publish(.request(requestHead))
        printer.publish(.requestEnd)
        printer.publish(.response(responseHead))
        printer.publish(.responseEnd)
        return printer.lines().joined()
    }

    enum Export: String, CaseIterable {
        case har = "HAR file"
        case url = "y u"
        case curl = "y c"
        case requestHead = "y h of a request"
        case responseHead = "y h of a response"
        case textLines = "lines as text"
        case jsonLines = "lines as JSON"
    }

    private static func text(_ export: Export, _ mask: SecretMask) async throws -> String {
        switch export {
        case .har:
            var bytes: [UInt8] = []
            _ = HARExport.write([1], of: store, options: .init(mask: mask, version: "1")) { bytes += $0 }
            return String(decoding: bytes, as: UTF8.self)
        case .url:
            let exchange = try #require(store.detail(1)).exchange
            return await copied(.url(RawText.url(of: exchange, at: "https://a.example"), of: 1), mask)
        case .curl: return String(decoding: try curl(mask).text(bodyFile: "/tmp/b"), as: UTF8.self)
        case .requestHead: return await copied(.head(1, ofResponse: false), mask)
        case .responseHead: return await copied(.head(1, ofResponse: true), mask)
        case .textLines: return lines(.text, mask)
        case .jsonLines: return lines(.json, mask)
        }
    }

    @Test(arguments: Export.allCases) func secretsAreMasked(export: Export) async throws {
        let text = try await Self.text(export, Self.masks)
        #expect(!text.contains("SECRET"))
        #expect(text.contains("kept") && text.contains("masked"))
        #expect(try await Self.text(export, .off).contains("SECRET"))
    }

    @Test func bodiesAreNotMasked() async throws {
        #expect(try Self.curl(Self.masks).bodyFile == Self.body)
        let store = testStore()
        var transcript = Transcript()
        transcript.exchange("/", body: "token=IN-BODY")
        store.consume(transcript.events)
        let terminal = CopyingTerminal()
        let message = await CopyText(.body(1, ofResponse: false), store, mask: Self.masks).copy(to: terminal)
        #expect(message.text == "request body of 1 copied")
        #expect(terminal.copied.withLockedValue { $0 } == ["token=IN-BODY"])
        #expect(try await Self.text(.har, Self.masks).contains("IN-BODY") == false, "it is binary, and so in Base64")
    }

    /// An error about a proxy setting does not repeat the password in it.
    @Test(arguments: ["socks5://me:SECRET@proxy", "me:SECRET@proxy:x"])
    func thePasswordOfAProxyIsNotRepeated(_ text: String) throws {
        let server = try ServerAddress("a.example")
        let error = #expect(throws: ProxyVariableError.self) {
            try ProxyEnvironment(["http_proxy": text]).proxy(for: server)
        }
        let message = error.map { FailureText.text($0) }
        #expect(message?.contains("SECRET") == false)
        #expect(message?.contains("(masked)@proxy") == true)
    }

    @Test(arguments: [
        "/", "/a?b=1&c", "/a;b=1", "/?keys=1&encode=2&signal=3&monkey=4", "/@a/b", "a@b?c=@", "//", "http://a/",
        "?=1&=&", "text/html;q=0.8, */*", "/?token&code", "/?token=&code=",
    ]) func otherValuesAreNotMasked(text: String) {
        #expect(SecretMask().url(text) == text)
    }

    @Test func theListOfMaskedFieldsIsShort() {
        let fields = (1...100).map { "X-Token-\($0): 1\r\n" }.joined()
        #expect(
            SecretMask().remark(head: Array("GET /?key=1 HTTP/1.1\r\n\(fields)\r\n".utf8))
                == "parts of the URL, X-Token-1, X-Token-2, X-Token-3, X-Token-4, 96 more masked"
                + " (--export-secrets leaves it in)"
        )
    }

    // MARK: Control characters

    @Test(arguments: [
        ("", "request head of 1 copied"), ("\u{1b}", "request head of 1 copied, with 1 control character"),
        ("\u{1b}[2J\r\u{202e}\u{85}", "request head of 1 copied, with 4 control characters"),
        ("\t\u{e4}\u{1f600}", "request head of 1 copied"),
    ]) func aCopyReportsControlCharacters(text: String, message: String) async {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.request("GET / HTTP/1.1\r\nHost: a\r\nX: a\(text)b", body: "1\r\n\(text)\n")
        store.consume(transcript.events)
        let terminal = CopyingTerminal()
        #expect(await CopyText(.head(1, ofResponse: false), store, mask: .off).copy(to: terminal).text == message)
        #expect(
            await CopyText(.body(1, ofResponse: false), store, mask: .off).copy(to: terminal).text
                == message.replacing("head", with: "body")
        )
    }

    @Test(
        arguments: [
            ("", [0x61, 0xff, 0xfe, 0x0a], "a\u{fffd}\u{fffd}\n", "; 2 invalid bytes replaced"),
            (
                "charset=utf-16le", [0x61, 0, 0, 0xd8, 0x62, 0, 0x63], "a\u{fffd}b",
                "; 2 invalid bytes replaced"
            ),
            ("charset=latin1", [0x61, 0xff, 0x0a], "a\u{ff}\n", ""),
            ("", [0x61, 0xef, 0xbf, 0xbd], "a\u{fffd}", ""),
        ] as [(String, [UInt8], String, String)]
    )
    func aCopyReportsBytesThatAreNotText(charset: String, body: [UInt8], text: String, remark: String) async {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.request("POST / HTTP/1.1\r\nContent-Type: text/plain; \(charset)", ends: false)
        transcript.add(.requestBody(.bytes(ByteBuffer(bytes: body))))
        transcript.add(.requestEnd)
        store.consume(transcript.events)
        let terminal = CopyingTerminal()
        let message = await CopyText(.body(1, ofResponse: false), store, mask: .off).copy(to: terminal).text
        #expect(message == "request body of 1 copied\(remark)")
        #expect(terminal.copied.withLockedValue { $0 } == [text])
    }

    @Test func aCopyReportsThatTheBodyIsIncomplete() async {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.request("POST / HTTP/1.1", body: "abc", ends: false)
        transcript.add(.requestBody(.count(7)))
        store.consume(transcript.events)
        let message = await CopyText(.body(1, ofResponse: false), store, mask: .off).copy(to: CopyingTerminal()).text
        #expect(message == "request body of 1 copied; only the first 3 of 10 bytes")
    }

    @Test func aCurlCommandReportsControlCharacters() throws {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.request("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{1b}b", body: "1\u{1b}")
        store.consume(transcript.events)
        let command = try CurlCommand(
            try #require(store.detail(1)),
            target: CurlTarget(TargetAddress("localhost:80"))
        )
        #expect(command.controlCharacters == 2)
        #expect(!command.text().contains(0x1b))
    }
}

/// A terminal that only takes copied text.
private final class CopyingTerminal: DashboardTerminal {
    let copied = NIOLockedValueBox<[String]>([])

    var size: ScreenSize { ScreenSize(width: 80, height: 24) }
    var keys: AsyncStream<Key> { AsyncStream { $0.finish() } }
    func draw(_ screen: Screen) {}
    func redraw() {}
    func ring() {}
    func copy(_ text: String) async -> CopyOutcome {
        copied.withLockedValue { $0.append(text) }
        return CopyOutcome(.clipboard)
    }
    func edit(_ command: [String]) async throws(EditorError) -> Int32 { 0 }
    func suspend() {}
    func close() {}
}
