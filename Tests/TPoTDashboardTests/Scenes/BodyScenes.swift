import NIOCore
import TestSupport

extension Scenes {
    /// Requests with all kinds of bodies, and responses with compression and charsets.
    static let bodies: [String: Scene] = [
        "a form comes": body("Content-Type: application/x-www-form-urlencoded", bytes("name=J%C3%B6rg+M&empty=&flag")),
        "a multipart upload comes": body(
            "Content-Type: multipart/form-data; boundary=XX",
            bytes(
                [
                    "--XX", #"Content-Disposition: form-data; name="title""#, "", "Holidays", "--XX",
                    #"Content-Disposition: form-data; name="notes"; filename="notes.txt""#, "Content-Type: text/plain",
                    "",
                    "first line", "second line", "--XX",
                    #"Content-Disposition: form-data; name="photo"; filename="a.png""#, "Content-Type: image/png", "",
                    "\u{1}PNG", "--XX--", "",
                ].joined(separator: "\r\n")
            )
        ),
        "an image comes": body(
            "Content-Type: image/png",
            [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10] + (0..<40).map { $0 }
        ),
        "a long body comes": body("Content-Type: text/plain", bytes(String(repeating: "0123456789", count: 600))),
        "a body of 60 lines comes": body(
            "Content-Type: text/plain",
            bytes((1...60).map { "line \($0) \($0 % 20 == 0 ? "with a needle in it" : "")\n" }.joined())
        ),
        "broken JSON comes": body(Transcript.json, bytes(#"{"a": 1, "b": }"#)),
        "an answer in gzip": answer(["Content-Type: text/plain", "Content-Encoding: gzip"], Samples.gzip),
        "an answer in Latin-1": answer(
            ["Content-Type: text/plain; charset=iso-8859-1"],
            [0x67, 0x72, 0xfc, 0xdf, 0x65]
        ),
        "an answer in an unknown coding": answer(["Content-Encoding: sdch"], [1, 2, 3, 0xff]),
        "a chat": traffic { traffic in
            traffic.arrive()
            traffic.ask("GET /chat", ["Connection: Upgrade", "Upgrade: websocket"])
            traffic.reply("101 Switching Protocols", ["Connection: Upgrade", "Upgrade: websocket"], ends: false)
            func visitor(_ bytes: [UInt8]) { traffic.add(.visitorOpaque(.bytes(ByteBuffer(bytes: bytes))), after: 40) }
            func target(_ bytes: [UInt8]) { traffic.add(.targetOpaque(.bytes(ByteBuffer(bytes: bytes))), after: 15) }
            visitor(WebSocketBytes.masked(#"{"type":"join","room":"lobby"}"#))
            target(WebSocketBytes.text(#"{"type":"welcome","members":["ada","bob"]}"#))
            visitor(WebSocketBytes.masked("two\nlines \u{1b}[31m"))
            target(WebSocketBytes.frame(2, Array(0..<40)) + WebSocketBytes.frame(9, []))
            visitor(WebSocketBytes.frame(10, [], mask: [1, 2, 3, 4]))
            target(WebSocketBytes.frame(8, [0x03, 0xe9] + bytes("going away")))
        },
        "an answer in chunks": traffic { traffic in
            traffic.arrive()
            traffic.ask("GET /chunks")
            let head = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
            traffic.add(.responseHead(Array(head.utf8)), after: 5)
            traffic.answer(fields: "Transfer-Encoding: chunked\r\n", body: "5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n")
            traffic.leave()
        },
    ]

    private static func body(_ field: String, _ body: [UInt8]) -> Scene {
        traffic { traffic in
            traffic.arrive()
            traffic.ask("POST /upload", [field], body: body)
            traffic.reply("204 No Content")
            traffic.leave()
        }
    }

    private static func answer(_ fields: [String], _ body: [UInt8]) -> Scene {
        traffic { traffic in
            traffic.arrive()
            traffic.ask("GET /page")
            traffic.reply("200 OK", fields, body: body)
            traffic.leave()
        }
    }
}
