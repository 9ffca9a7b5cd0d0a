import FoundationEssentials
import NIOCore
import NIOHTTP1
import TPoTCapture
import TPoTInspect
import TPoTWire

/// The demo's web shop: what it answers to a request.
///
/// Its handler of Stripe's events has a bug: an `invoice.payment_failed` whose `amount_due` is null gets a 500, until
/// somebody deploys the fix on the start page.
struct DemoShop: Sendable {
    private(set) var isFixed = false

    mutating func answer(to request: DemoShopRequest) -> DemoAnswer {
        switch (request.method, request.path) {
        case (.GET, "/"), (.HEAD, "/"):
            return DemoAnswer("text/html; charset=utf-8", DemoPages.start(isFixed: isFixed), after: .milliseconds(4))
        case (.GET, "/style.css"): return DemoAnswer("text/css", DemoPages.style)
        case (.GET, "/teapot.svg"): return DemoAnswer("image/svg+xml", DemoPages.teapot)
        case (.POST, "/deploy"): return deploy(true)
        case (.POST, "/rollback"): return deploy(false)
        case (.POST, "/webhooks/stripe"): return stripe(request)
        case (.POST, "/webhooks/github"): return .json(#"{"queued":true}"#, .accepted, after: .milliseconds(35))
        case (.POST, "/webhooks/shopify"): return DemoAnswer("text/plain", "ok\n", after: .milliseconds(110))
        case (.POST, "/slack/events"): return DemoAnswer("text/plain", "", after: .milliseconds(8))
        case (.POST, "/slack/commands"):
            return .json(#"{"response_type":"in_channel","text":"12 packets of oolong are ordered"}"#)
        case (.POST, "/graphql"): return .json(#"{"data":{"cart":{"items":4,"total":4800}}}"#, after: .milliseconds(60))
        case (.POST, "/photos"): return .json(#"{"stored":true,"bytes":\#(request.bodyCount)}"#, .created)
        case (.GET, "/api/products"): return products(request)
        case (.GET, "/orders/live"): return Self.orders
        case (.GET, "/reports/november.csv"): return DemoAnswer("text/csv", Self.report, after: .milliseconds(2100))
        case (.GET, "/reports/all.csv"): return DemoAnswer("text/csv", Self.report, after: .seconds(8))
        case (.GET, "/catalogue.txt"): return Self.catalogue
        case (.GET, "/backup.sql"): return Self.backup
        default: return DemoAnswer("text/plain", "no such page\n", status: .notFound)
        }
    }

    private mutating func deploy(_ fix: Bool) -> DemoAnswer {
        isFixed = fix
        var answer = DemoAnswer("text/plain", fix ? "the fix is deployed\n" : "the bug is back\n", status: .seeOther)
        answer.headers.add(name: "Location", value: "/")
        return answer
    }

    // MARK: The bug

    private func stripe(_ request: DemoShopRequest) -> DemoAnswer {
        guard !request.isForged(.stripe) else {
            return .json(#"{"error":"the signature does not match"}"#, .badRequest, after: .milliseconds(2))
        }
        guard case .object(let event)? = try? JSONParser.parse(request.text), let type = event.text("type") else {
            return .json(#"{"error":"this is no event of Stripe"}"#, .badRequest)
        }
        guard type == "invoice.payment_failed" else { return .json(#"{"received":true}"#, after: .milliseconds(12)) }
        guard case .object(let data)? = event["data"], case .object(let invoice)? = data["object"] else {
            return .json(#"{"error":"this event has no invoice"}"#, .badRequest)
        }
        let kind: String
        switch invoice["amount_due"] ?? .null {
        case .number, .bool: return .json(#"{"received":true,"reminder":"sent"}"#, after: .milliseconds(18))
        case .null where isFixed: return .json(#"{"received":true,"reminder":"nothing is due"}"#)
        case .null: kind = "NoneType"
        case .string: kind = "str"
        case .array: kind = "list"
        case .object: kind = "dict"
        }
        return DemoAnswer(
            "text/plain; charset=utf-8",
            """
            Traceback (most recent call last):
              File "/srv/shop/webhooks.py", line 41, in stripe
                remind(invoice["customer_email"], amount(invoice))
              File "/srv/shop/webhooks.py", line 17, in amount
                return f'{invoice.get("amount_due") / 100:.2f} {invoice["currency"].upper()}'
            TypeError: unsupported operand type(s) for /: '\(kind)' and 'int'

            """,
            status: .internalServerError,
            after: .milliseconds(2)
        )
    }

    // MARK: Other answers

    private func products(_ request: DemoShopRequest) -> DemoAnswer {
        var answer = DemoAnswer.json(Self.productsText, after: .milliseconds(6))
        answer.headers.add(name: "Vary", value: "Accept-Encoding")
        let codings = request.headers["Accept-Encoding"].joined(separator: ",")
        guard codings.contains("gzip"), let compressed = Data(base64Encoded: Self.compressedProducts) else {
            return answer
        }
        answer.parts = [DemoAnswer.Part(delay: .zero, bytes: Array(compressed))]
        answer.headers.replaceOrAdd(name: "Content-Length", value: "\(compressed.count)")
        answer.headers.add(name: "Content-Encoding", value: "gzip")
        return answer
    }

    private static let productsText =
        #"{"products":[{"id":"oolong","name":"Oolong, 100 g","price":"12.00","currency":"EUR","stock":84},"#
        + #"{"id":"sencha","name":"Sencha, 100 g","price":"9.50","currency":"EUR","stock":120},"#
        + #"{"id":"assam","name":"Assam, 250 g","price":"11.00","currency":"EUR","stock":37},"#
        + #"{"id":"darjeeling","name":"Darjeeling first flush, 100 g","price":"18.00","currency":"EUR","stock":12},"#
        + #"{"id":"rooibos","name":"Rooibos, 250 g","price":"7.50","currency":"EUR","stock":210},"#
        + #"{"id":"pu-erh","name":"Pu-erh, 200 g","price":"24.00","currency":"EUR","stock":9},"#
        + #"{"id":"nagano","name":"Teapot „Nagano“, 1.2 l","price":"48.00","currency":"EUR","stock":5}]}"#

    /// The same with a line end, from `gzip -9 | base64`. It is written down because nothing else here compresses.
    private static let compressedProducts = """
        H4sIAAAAAAACA4WQQU7DMBRE95zC8jpEtpuobXaVYAtVgRViYRy3MaT+kZ0sUBWpB0EcrifBCciu2spdznzpzfzZ4cZA2YnW4uJ1\
        h1WJCwxQg97gBGu+lU4/jjpBlBA02I1RYvApSwlxWnTGSC2+nHX/snKGbUF84mKW9ck/0rp7xQPyadTnyHmax4iUEY/k1vJtIC4G\
        mSCWn3Sk8Y6TqQeW3HxIWavj1++8h9bK2Bat685WF6aYxWMo8zEGQL2DDRmrP+O8+zQ+BqNhjKa7laYKzOWoHfKkJ8viPeeeqPmG\
        awjEZ8kbaNFh//MwXg77bzdDylB9hM+uzJD3b/3NLxvkeZlzAgAA
        """

    /// Twelve server-sent events in 18 seconds.
    private static let orders = DemoAnswer.stream(
        "text/event-stream",
        (1...12).map { number in
            let teas = ["oolong", "sencha", "assam", "rooibos"]
            let data =
                "{\"order\":\(1000 + number),\"tea\":\"\(teas[number % 4])\",\"packets\":\(number % 5 + 1)}"
            return DemoAnswer.Part(
                delay: .milliseconds(1500),
                bytes: Array("event: order\nid: \(number)\ndata: \(data)\n\n".utf8)
            )
        }
    )

    private static let report =
        "day,orders,total\n"
        + (1...27).map { "2026-11-\($0 < 10 ? "0" : "")\($0),\(20 + $0 * 7 % 13),\(960 + $0 * 31)\n" }
        .joined()

    /// 256 KiB in 6 seconds.
    private static let catalogue = DemoAnswer.stream(
        "text/plain",
        length: 256 * 1024,
        (0..<32).map { page in
            let line = "\(page + 1)  Oolong, Sencha, Assam, Darjeeling, Rooibos and Pu-erh, in packets and in tins\n"
            let text = String(repeating: line, count: 8 * 1024 / line.utf8.count + 1)
            return DemoAnswer.Part(delay: .milliseconds(190), bytes: Array(text.utf8.prefix(8 * 1024)))
        }
    )

    private static let backup: DemoAnswer = {
        let line = "INSERT INTO orders VALUES (1001, 'ada@example.com', 4800, 'EUR');\n"
        var answer = DemoAnswer.stream(
            "application/sql",
            length: 65_536,
            [DemoAnswer.Part(delay: .milliseconds(300), bytes: Array(String(repeating: line, count: 200).utf8))]
        )
        answer.isCut = true
        return answer
    }()
}
