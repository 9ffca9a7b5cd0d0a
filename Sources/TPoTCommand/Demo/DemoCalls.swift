import NIOCore

/// The demo's visitors that do not send webhooks: browsers, apps and scanners.
enum DemoCalls {
    private typealias Field = (name: String, value: String)

    static let firefox = DemoVisit([
        page("/", agent: firefoxAgent, accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        page("/style.css", agent: firefoxAgent, accept: "text/css,*/*;q=0.1"),
        page("/teapot.svg", agent: firefoxAgent, accept: "image/avif,image/webp,image/svg+xml,*/*;q=0.5"),
    ])

    static let safari = DemoVisit(page("/", agent: safariAgent, accept: "text/html,*/*;q=0.8"))

    /// Orders as they come, as server-sent events.
    static let liveOrders = DemoVisit(
        DemoRequest(
            get: "/orders/live",
            [("User-Agent", chromeAgent), ("Accept", "text/event-stream"), ("Cache-Control", "no-cache")]
        )
    )

    /// A WebSocket that asks for the stock of two teas.
    static let liveStock: DemoVisit = {
        var visit = DemoVisit(
            DemoRequest(
                get: "/stock",
                [
                    ("User-Agent", chromeAgent), ("Connection", "Upgrade"), ("Upgrade", "websocket"),
                    ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ]
            ),
            patience: .seconds(15)
        )
        visit.messages = [
            #"{"subscribe":"oolong"}"#, #"{"subscribe":"sencha"}"#, #"{"reserve":{"tea":"oolong","packets":2}}"#,
        ]
        return visit
    }()

    /// The answer is compressed.
    static let products = DemoVisit(
        DemoRequest(
            get: "/api/products",
            [("User-Agent", "okhttp/5.1.0"), ("Accept", "application/json"), ("Accept-Encoding", "gzip")]
        )
    )

    static let cart = DemoVisit(
        DemoRequest(
            post: "/graphql",
            [("User-Agent", "shop-ios/7.2 CFNetwork/3826.400.120"), ("Content-Type", "application/json")],
            #"{"operationName":"GetCart","query":"query GetCart($id: ID!) { cart(id: $id) { items total } }","#
                + #""variables":{"id":"c-117"}}"#
        )
    )

    /// The shop takes two seconds to answer.
    static let slowReport = DemoVisit(
        DemoRequest(get: "/reports/november.csv", [("User-Agent", "curl/8.16.0"), ("Accept", "*/*")])
    )

    /// Leaves before the shop has answered.
    static let impatient = DemoVisit(
        DemoRequest(get: "/reports/all.csv", [("User-Agent", "curl/8.16.0"), ("Accept", "*/*")]),
        patience: .seconds(2)
    )

    /// Leaves in the middle of the answer.
    static let halfCatalogue = DemoVisit(
        DemoRequest(get: "/catalogue.txt", [("User-Agent", "Wget/1.25.0"), ("Accept", "*/*")]),
        patience: .milliseconds(1500)
    )

    /// The shop ends the connection in the middle of its answer.
    static let backup = DemoVisit(
        DemoRequest(get: "/backup.sql", [("User-Agent", "curl/8.16.0"), ("Accept", "*/*")])
    )

    static let scanner = DemoVisit(
        DemoRequest(get: "/wp-login.php", [("User-Agent", "python-requests/2.32.5"), ("Accept", "*/*")])
    )

    /// A form with a file, over a slow line.
    static let photo: DemoVisit = {
        let boundary = "----WebKitFormBoundaryh3Xk8Qd1pYtZ0aLs"
        var body = Array(
            """
            --\(boundary)\r
            Content-Disposition: form-data; name="caption"\r
            \r
            Our new teapot, 1.2 l\r
            --\(boundary)\r
            Content-Disposition: form-data; name="photo"; filename="teapot.jpg"\r
            Content-Type: image/jpeg\r
            \r

            """.utf8
        )
        body += [0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10] + Array("JFIF".utf8) + [0, 1, 1, 0, 0, 1, 0, 1, 0, 0]
        body += (0..<48 * 1024).map { UInt8(truncatingIfNeeded: $0 &* 167 ^ $0 >> 5) }
        body += Array("\r\n--\(boundary)--\r\n".utf8)
        var request = DemoRequest(
            post: "/photos",
            [("User-Agent", safariAgent), ("Content-Type", "multipart/form-data; boundary=\(boundary)")],
            ""
        )
        request.body = body
        request.pieceLength = 8 * 1024
        return DemoVisit(request)
    }()

    private static func page(_ path: String, agent: String, accept: String) -> DemoRequest {
        DemoRequest(
            get: path,
            [
                ("User-Agent", agent), ("Accept", accept), ("Accept-Language", "en-GB,en;q=0.5"),
                ("Cookie", "session=\(DemoIdentifier.text("", 7, count: 24))"),
            ]
        )
    }

    private static let firefoxAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
    private static let chromeAgent =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
    private static let safariAgent =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 "
        + "Mobile/15E148 Safari/604.1"
}
