import NIOHTTP1
import TPoTCapture
import TPoTInspect
import Testing

@testable import TPoTCommand

@Suite struct DemoShopTests {
    private static func failedPayment(_ amountDue: String) throws -> DemoShopRequest {
        let visit = DemoDeliveries.paymentFailed(0, amountDue: amountDue)
        let request = try #require(visit.requests.first)
        return DemoShopRequest(method: .POST, path: request.path, body: request.body, bodyCount: request.body.count)
    }

    private static func text(_ answer: DemoAnswer) -> String {
        String(decoding: answer.parts.flatMap(\.bytes), as: UTF8.self)
    }

    @Test func anAmountThatIsNoNumberFailsAndTheAnswerSaysWhy() throws {
        var shop = DemoShop()
        let answer = shop.answer(to: try Self.failedPayment("null"))
        #expect(answer.status == .internalServerError)
        #expect(Self.text(answer).contains(#"invoice.get("amount_due") / 100"#))
        #expect(Self.text(answer).hasSuffix("for /: 'NoneType' and 'int'\n"))
        let second = shop.answer(to: try Self.failedPayment(#""4800""#))
        #expect(Self.text(second).hasSuffix("for /: 'str' and 'int'\n"))
    }

    /// Edit the event and send it again.
    @Test func aNumberMendsIt() throws {
        var shop = DemoShop()
        #expect(shop.answer(to: try Self.failedPayment("4800")).status == .ok)
    }

    /// Or mend the handler, and send the same again.
    @Test func theHandlerCanBeMended() throws {
        var shop = DemoShop()
        let start = DemoShopRequest(method: .GET, path: "/")
        #expect(Self.text(shop.answer(to: start)).contains(#"action="/deploy""#))
        #expect(shop.answer(to: DemoShopRequest(method: .POST, path: "/deploy")).status == .seeOther)
        #expect(shop.answer(to: try Self.failedPayment("null")).status == .ok)
        #expect(Self.text(shop.answer(to: start)).contains(#"action="/rollback""#))
        _ = shop.answer(to: DemoShopRequest(method: .POST, path: "/rollback"))
        #expect(shop.answer(to: try Self.failedPayment("null")).status == .internalServerError)
    }

    @Test func aForgedEventIsRefused() throws {
        var shop = DemoShop()
        for (visit, status) in [
            (DemoDeliveries.forged(0), HTTPResponseStatus.badRequest), (DemoDeliveries.invoicePaid(0), .ok),
        ] {
            let request = try #require(visit.requests.first).signed(at: 1_795_435_200_000_000_000)
            let head = request.head(host: "shop", address: "203.0.113.9:1")
            let answer = shop.answer(
                to: DemoShopRequest(method: .POST, path: request.path, headers: head.headers, body: request.body)
            )
            #expect(answer.status == status)
        }
    }

    @Test func thePackedProductsAreTheProducts() {
        var shop = DemoShop()
        var request = DemoShopRequest(method: .GET, path: "/api/products")
        let plain = Self.text(shop.answer(to: request))
        request.headers = ["Accept-Encoding": "gzip"]
        let packed = shop.answer(to: request).parts.flatMap(\.bytes)
        let head = Array("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n".utf8)
        let body = DecodedBody(CapturedBody(packed), head: head)
        #expect(packed.count < plain.utf8.count && body.notes == ["gzip"])
        #expect(String(decoding: body.bytes, as: UTF8.self) == plain)
    }

    /// Whoever finds the public URL may send anything.
    @Test(arguments: [
        "", "{", "[]", #"{"type":"invoice.payment_failed"}"#, #"{"type":"invoice.payment_failed","data":[]}"#,
    ])
    func anEventThatIsNoneIsRefused(body: String) {
        var shop = DemoShop()
        let request = DemoShopRequest(method: .POST, path: "/webhooks/stripe", body: Array(body.utf8))
        #expect(shop.answer(to: request).status == .badRequest)
    }
}
