import NIOCore
import TPoTCapture
import TPoTInspect
import TPoTWire
import TestSupport
import Testing

/// Small files in the shapes in which other programs write them.
@Suite struct HARSampleTests {
    private static func read(_ text: String) throws -> HARContents {
        let contents = try HARReader.read(Array(text.utf8))
        #expect(contents.remarks.isEmpty)
        return contents
    }

    private static func body(_ exchange: CapturedExchange) -> DecodedBody {
        DecodedBody(exchange.responseBody, head: exchange.responseHead)
    }

    // MARK: Chrome

    private static let chrome = """
        {
          "log": {
            "version": "1.2",
            "creator": {"name": "WebInspector", "version": "537.36"},
            "pages": [{"startedDateTime": "2026-11-23T12:00:00.000Z", "id": "page_1", "title": "https://shop.example/",
              "pageTimings": {"onContentLoad": 120.5, "onLoad": null}}],
            "entries": [
              {
                "_connectionId": "81",
                "_initiator": {"type": "script", "stack": {"callFrames": [{"functionName": "a", "lineNumber": 1}],
                  "parent": {"description": "await", "callFrames": []}}},
                "_priority": "High",
                "_resourceType": "fetch",
                "cache": {},
                "connection": "443",
                "pageref": "page_1",
                "request": {
                  "method": "POST",
                  "url": "https://shop.example/cart?item=7#top",
                  "httpVersion": "http/2.0",
                  "headers": [
                    {"name": ":authority", "value": "shop.example"},
                    {"name": ":method", "value": "POST"},
                    {"name": ":path", "value": "/cart?item=7"},
                    {"name": ":scheme", "value": "https"},
                    {"name": "content-type", "value": "application/json"},
                    {"name": "content-length", "value": "13"}
                  ],
                  "queryString": [{"name": "item", "value": "7"}],
                  "cookies": [],
                  "headersSize": -1,
                  "bodySize": 13,
                  "postData": {"mimeType": "application/json", "text": "{\\"tea\\":\\"\\u00e9\\"}"}
                },
                "response": {
                  "status": 201,
                  "statusText": "",
                  "httpVersion": "http/2.0",
                  "headers": [
                    {"name": "content-encoding", "value": "gzip"},
                    {"name": "content-type", "value": "application/json"},
                    {"name": "set-cookie", "value": "a=1; Path=/\\nb=2"}
                  ],
                  "cookies": [],
                  "content": {"size": 12, "mimeType": "application/json", "compression": -20, "text": "{\\"ok\\": true}"},
                  "redirectURL": "",
                  "headersSize": -1,
                  "bodySize": -1,
                  "_transferSize": 190,
                  "_error": null,
                  "_fetchedViaServiceWorker": false
                },
                "serverIPAddress": "192.0.2.7",
                "startedDateTime": "2026-11-23T12:00:00.250Z",
                "time": 65.5,
                "timings": {"blocked": 2.5, "dns": 3, "ssl": 12.5, "connect": 20, "send": 0.5, "wait": 30, "receive": 9.5,
                  "_blocked_queueing": 1.25}
              },
              {
                "_resourceType": "websocket",
                "_webSocketMessages": [
                  {"type": "send", "time": 1795435200.75, "opcode": 1, "data": "{\\"hello\\": 1}"},
                  {"type": "receive", "time": 1795435200.8125, "opcode": 2, "data": "AAH/"},
                  {"type": "receive", "time": 1795435201.5, "opcode": -1, "data": "WebSocket is closed"}
                ],
                "request": {"method": "GET", "url": "wss://shop.example/live", "httpVersion": "HTTP/1.1",
                  "headers": [{"name": "Host", "value": "shop.example"}, {"name": "Upgrade", "value": "websocket"}],
                  "queryString": [], "cookies": [], "headersSize": 300, "bodySize": 0},
                "response": {"status": 101, "statusText": "Switching Protocols", "httpVersion": "HTTP/1.1",
                  "headers": [{"name": "Upgrade", "value": "websocket"},
                    {"name": "Sec-WebSocket-Extensions", "value": "permessage-deflate"}],
                  "content": {"size": 0, "mimeType": "x-unknown"}, "redirectURL": "", "headersSize": 200, "bodySize": 0,
                  "_error": null},
                "startedDateTime": "2026-11-23T12:00:00.500Z",
                "time": 400,
                "timings": {"blocked": -1, "dns": -1, "ssl": -1, "connect": -1, "send": 0, "wait": 400, "receive": 0}
              },
              {
                "_fromCache": "disk",
                "request": {"method": "GET", "url": "https://cdn.example/leaf.png", "httpVersion": "http/2.0",
                  "headers": [], "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0},
                "response": {"status": 200, "statusText": "OK", "httpVersion": "http/2.0",
                  "headers": [{"name": "content-type", "value": "image/png"}],
                  "content": {"size": 5120, "mimeType": "image/png"}, "redirectURL": "", "headersSize": -1, "bodySize": 0},
                "startedDateTime": "2026-11-23T12:00:00.100Z", "time": 1, "timings": {"send": 0, "wait": 0.5, "receive": 0.5}
              },
              {
                "request": {"method": "GET", "url": "http://gone.example", "httpVersion": "", "headers": [],
                  "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0},
                "response": {"status": 0, "statusText": "", "httpVersion": "", "headers": [],
                  "content": {"size": 0, "mimeType": "x-unknown"}, "redirectURL": "", "headersSize": -1, "bodySize": -1,
                  "_error": "net::ERR_CONNECTION_REFUSED"},
                "startedDateTime": "2026-11-23T12:00:02.000Z", "time": 4,
                "timings": {"blocked": 4, "dns": -1, "ssl": -1, "connect": -1, "send": 0, "wait": 0, "receive": 0}
              }
            ]
          }
        }
        """

    @Test func filesOfChromeAreRead() throws {
        let contents = try Self.read(Self.chrome)
        #expect(contents.creator == "WebInspector 537.36")
        // In order of time: the image came first.
        let exchanges = contents.exchanges
        #expect(exchanges.map(\.number) == [1, 2, 3, 4])
        #expect(exchanges.map { text($0.exchange.target) } == ["/leaf.png", "/cart?item=7", "/live", "/"])
        let cart = exchanges[1]
        #expect(
            text(cart.requestHead ?? [])
                == "POST /cart?item=7 HTTP/1.1\r\nHost: shop.example\r\ncontent-type: application/json\r\n"
                + "content-length: 12\r\n\r\n"
        )
        #expect(text(cart.requestBody.bytes) == "{\"tea\":\"\u{e9}\"}")
        #expect(
            text(cart.responseHead ?? [])
                == "HTTP/1.1 201 \r\ncontent-encoding: gzip\r\ncontent-type: application/json\r\n"
                + "set-cookie: a=1; Path=/\r\nset-cookie: b=2\r\n\r\n"
        )
        #expect(text(Self.body(cart).bytes) == "{\"ok\": true}" && Self.body(cart).notes == ["gzip"])
        #expect(cart.exchange.status == 201 && cart.exchange.state == .finished)
        // Without the bar of a hold: there is none. The TLS handshake is a part of the connection.
        let phases = ExchangePhases(cart.exchange.times, at: try #require(cart.exchange.times.ended))
        #expect(phases.held == .zero && phases.connect == .microseconds(25_500))
        #expect(phases.send == .microseconds(500) && phases.wait == .milliseconds(30))
        #expect(phases.receive == .microseconds(9500))
        #expect(cart.replayRefusal == nil)
    }

    @Test func theMessagesOfChromeAreRead() throws {
        let socket = try Self.read(Self.chrome).exchanges[2]
        let transcript = try #require(WebSocketTranscript(socket))
        #expect(transcript.messages.map(\.kind) == [.text, .binary])
        #expect(transcript.messages.map(\.isFromVisitor) == [true, false])
        #expect(transcript.messages.map(\.payload) == [Array("{\"hello\": 1}".utf8), [0, 1, 255]])
        let times = transcript.messages.map { ($0.time - socket.exchange.times.requestBegan).nanoseconds / 1_000_000 }
        #expect(times == [250, 312])
        #expect(transcript.notes.isEmpty)
    }

    @Test func contentThatTheFileDoesNotHaveIsMissing() throws {
        let image = try Self.read(Self.chrome).exchanges[0]
        #expect(image.responseBody.bytes.isEmpty && image.responseBody.count == 5120)
    }

    @Test func aRequestWithoutAnAnswerSaysWhy() throws {
        let gone = try Self.read(Self.chrome).exchanges[3]
        #expect(gone.exchange.status == nil && gone.responseHead == nil)
        #expect(gone.exchange.state == .aborted(.targetGone("net::ERR_CONNECTION_REFUSED")))
        #expect(text(gone.requestHead ?? []) == "GET / HTTP/1.1\r\nHost: gone.example\r\n\r\n")
        #expect(gone.exchange.isFailed)
    }

    // MARK: Firefox

    @Test func filesOfFirefoxAreRead() throws {
        let contents = try Self.read(
            """
            {"log": {"version": "1.2", "creator": {"name": "Firefox", "version": "144.0"},
            "browser": {"name": "Firefox", "version": "144.0"},
            "pages": [{"id": "page_1", "pageTimings": {"onContentLoad": 50, "onLoad": 90},
              "startedDateTime": "2026-11-23T13:00:00.000+01:00", "title": "https://shop.example/"}],
            "entries": [
              {"startedDateTime": "2026-11-23T13:00:00.000+01:00",
               "request": {"bodySize": 11, "method": "POST", "url": "https://shop.example/login", "httpVersion": "HTTP/2",
                 "headers": [{"name": "Host", "value": "shop.example"},
                   {"name": "Content-Type", "value": "application/x-www-form-urlencoded"},
                   {"name": "Content-Length", "value": "11"}],
                 "cookies": [], "queryString": [], "headersSize": 420,
                 "postData": {"mimeType": "application/x-www-form-urlencoded",
                   "params": [{"name": "user", "value": "tea pot"}],
                   "text": "Content-Type: application/x-www-form-urlencoded\\r\\nContent-Length: 12\\r\\n\\r\\nuser=tea+pot"}},
               "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/2",
                 "headers": [{"name": "content-type", "value": "text/html; charset=windows-1252"},
                   {"name": "transfer-encoding", "value": "chunked"}],
                 "cookies": [],
                 "content": {"mimeType": "text/html; charset=windows-1252", "size": 5, "text": "caf\\u00e9"},
                 "redirectURL": "", "headersSize": 200, "bodySize": 210},
               "cache": {}, "timings": {"blocked": 1, "dns": 0, "connect": 5, "ssl": 4, "send": 0, "wait": 20, "receive": 2},
               "time": 32, "_securityState": "secure", "serverIPAddress": "192.0.2.7", "connection": "443",
               "pageref": "page_1"},
              {"startedDateTime": "2026-11-23T13:00:01.000+01:00",
               "request": {"bodySize": 0, "method": "GET", "url": "https://shop.example/leaf.png", "httpVersion": "HTTP/2",
                 "headers": [{"name": "Host", "value": "shop.example"}], "cookies": [], "queryString": [],
                 "headersSize": 400},
               "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/2",
                 "headers": [{"name": "content-type", "value": "image/png"}, {"name": "content-encoding", "value": "br"}],
                 "cookies": [], "content": {"mimeType": "image/png", "size": 4, "encoding": "base64", "text": "iVBORw=="},
                 "redirectURL": "", "headersSize": 200, "bodySize": 204},
               "cache": {}, "timings": {}, "time": 0, "_securityState": "secure", "pageref": "page_1"},
              {"startedDateTime": "2026-11-23T13:00:02.000+01:00",
               "request": {"bodySize": 0, "method": "GET", "url": "https://shop.example/slow", "httpVersion": "",
                 "headers": [], "cookies": [], "queryString": [], "headersSize": 400},
               "response": {"status": 0, "statusText": "", "httpVersion": "", "headers": [], "cookies": [],
                 "content": {"mimeType": "", "size": -1}, "redirectURL": "", "headersSize": -1, "bodySize": -1},
               "cache": {}, "timings": {"blocked": 0, "dns": 0, "connect": 0, "ssl": 0, "send": 0, "wait": 0, "receive": 0},
               "time": 0, "pageref": "page_1"}
            ]}}
            """
        )
        let (login, image, slow) = (contents.exchanges[0], contents.exchanges[1], contents.exchanges[2])
        #expect(login.row.unixNanoseconds == 1_795_435_200_000_000_000)
        // Firefox writes the fields that precede an upload before it.
        #expect(text(login.requestBody.bytes) == "user=tea+pot")
        #expect(text(login.requestHead ?? []).contains("Content-Length: 12\r\n"))
        #expect(login.responseBody.bytes == Array("4\r\ncaf".utf8) + [0xe9] + Array("\r\n0\r\n\r\n".utf8))
        #expect(Self.body(login).notes == ["chunked"])
        #expect(Self.body(image).bytes == [0x89, 0x50, 0x4e, 0x47])
        #expect(slow.exchange.state == .aborted(.eventsLost) && !slow.exchange.isFailed)
    }

    // MARK: mitmproxy

    @Test func filesOfMitmproxyAreRead() throws {
        let contents = try Self.read(
            """
            {"log": {"version": "1.2",
              "creator": {"name": "mitmproxy", "version": "12.1.1", "comment": ""}, "pages": [],
              "entries": [
                {"startedDateTime": "2026-11-23T12:00:00.123456+00:00", "time": 30.0,
                 "request": {"method": "PUT", "url": "http://api.example:8080/tea/7", "httpVersion": "HTTP/1.1",
                   "cookies": [], "headers": [{"name": "Host", "value": "api.example:8080"},
                     {"name": "content-length", "value": "4"}], "queryString": [], "headersSize": 60, "bodySize": 4,
                   "postData": {"mimeType": "", "text": "\\u0000\\u0001ab", "params": []}},
                 "response": {"status": 204, "statusText": "No Content", "httpVersion": "HTTP/1.1", "cookies": [],
                   "headers": [], "content": {"size": 0, "compression": 0, "mimeType": "", "text": ""}, "redirectURL": "",
                   "headersSize": 20, "bodySize": 0},
                 "cache": {}, "timings": {"connect": 5.0, "ssl": 10.0, "send": 1.0, "receive": 2.0, "wait": 12.0},
                 "serverIPAddress": "192.0.2.8"},
                {"startedDateTime": "2026-11-23T12:00:01+00:00", "time": 0,
                 "request": {"method": "GET", "url": "https://api.example/live", "httpVersion": "HTTP/1.1", "cookies": [],
                   "headers": [], "queryString": [], "headersSize": 60, "bodySize": 0},
                 "response": {"status": 101, "statusText": "Switching Protocols", "httpVersion": "HTTP/1.1",
                   "cookies": [], "headers": [{"name": "upgrade", "value": "websocket"}],
                   "content": {"size": 0, "compression": 0, "mimeType": "", "text": ""}, "redirectURL": "",
                   "headersSize": 20, "bodySize": 0},
                 "cache": {}, "timings": {"connect": null, "ssl": null, "send": 0, "receive": 0, "wait": NaN},
                 "_resourceType": "websocket",
                 "_webSocketMessages": [{"type": "receive", "time": 1795435201.25, "opcode": 1, "data": "tea"}]},
                {"startedDateTime": "2026-11-23T12:00:02+00:00", "time": 0,
                 "request": {"method": "GET", "url": "https://api.example/gone", "httpVersion": "HTTP/2.0", "cookies": [],
                   "headers": [], "queryString": [], "headersSize": 60, "bodySize": 0},
                 "response": {"status": 0, "statusText": "", "httpVersion": "", "headers": [], "cookies": [],
                   "content": {}, "redirectURL": "", "headersSize": -1, "bodySize": -1, "_transferSize": 0,
                   "_error": "server disconnected"},
                 "cache": {}, "timings": {"connect": -1.0, "ssl": -1.0, "send": 0, "receive": 0, "wait": 0}}
              ]}}
            """
        )
        let put = contents.exchanges[0]
        #expect(contents.creator == "mitmproxy 12.1.1")
        #expect(put.row.unixNanoseconds == 1_795_435_200_123_456_000)
        #expect(put.requestBody.bytes == [0, 1, 0x61, 0x62] && put.responseBody.isWhole)
        // Its `connect` does not include `ssl`.
        let phases = ExchangePhases(put.exchange.times, at: try #require(put.exchange.times.ended))
        #expect(phases.connect == .milliseconds(15))
        #expect(put.exchange.times.whole(at: .uptimeNanoseconds(0)) == .milliseconds(30))
        let socket = try #require(WebSocketTranscript(contents.exchanges[1]))
        #expect(socket.messages.map { text($0.payload) } == ["tea"])
        #expect(contents.exchanges[2].exchange.state == .aborted(.targetGone("server disconnected")))
    }

    // MARK: Others

    /// Some programs write the fields of a form and not its text.
    @Test func aFormIsMadeFromItsFields() throws {
        let request =
            "\"method\": \"POST\", \"url\": \"/\", \"postData\": {\"mimeType\": \"application/x-www-form-urlencoded\", "
            + "\"params\": [{\"name\": \"a\", \"value\": \"b c\"}, {\"name\": \"d\"}]}"
        let exchange = try #require(
            HARReaderTests.read(HARReaderTests.file(HARReaderTests.entry(request: request))).exchanges.first
        )
        #expect(text(exchange.requestBody.bytes) == "a=b%20c&d=")
        #expect(text(exchange.requestHead ?? []) == "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n")
    }
}
