import NIOCore
import TPoTTraffic
import TestSupport

/// The events of picture scripts, by name.
enum Scenes {
    typealias Scene = @Sendable (inout DashboardFixture) -> Void

    static let all = [tunnel, webhooks, bodies, odd].reduce(into: [String: Scene]()) { $0.merge($1) { $1 } }

    static func traffic(_ body: @escaping @Sendable (inout Transcript) -> Void) -> Scene {
        { dashboard in dashboard.play(body) }
    }

    // MARK: The tunnel

    private static let tunnel: [String: Scene] = [
        "connecting": traffic { $0.tunnel(.connecting(attempt: 1)) },
        "connecting again": traffic { $0.tunnel(.connecting(attempt: 3)) },
        "online": traffic { $0.online() },
        "another URL": traffic { $0.online("https://x7k2p9qa.tpot.example.com") },
        "an embedded server": { dashboard in
            dashboard.facts.isEmbedded = true
            dashboard.play { $0.online("http://quick-fox.localhost:3000") }
        },
        "the tunnel is lost": traffic { traffic in
            let reason = "no answer to a ping for 30 s"
            traffic.tunnel(.reconnecting(attempt: 2, delay: .seconds(4), reason: reason), after: 500)
        },
        "the target goes down": traffic { traffic in
            let reason = "localhost:8080: connection refused; start it, or name another"
            traffic.tunnel(.target(.down(since: Transcript.deadline(traffic.time), reason: reason)))
            traffic.time += 12_000
        },
        "the target comes up": traffic { $0.tunnel(.target(.up)) },
        "the client gives up": traffic { $0.tunnel(.stopped(reason: "the server refused: subdomain is taken")) },
        "requests are held by a filter": traffic { traffic in
            traffic.tunnel(.holdingMatching("POST path:/webhooks"))
            traffic.arrive()
            for (id, path) in [(HeldRequestID(1), "/webhooks/stripe"), (2, "/webhooks/github"), (3, "/status")] {
                let method = id == 3 ? "GET" : "POST"
                traffic.request("\(method) \(path) HTTP/1.1\r\nHost: shop.test", ends: false)
                traffic.add(.requestHeld(id, isMatch: id < 3))
                traffic.add(.requestEnd, after: 1)
            }
            traffic.visit("GET /other")
            traffic.time += 3200
        },
        "12 m 31 s pass": traffic { $0.time += 751_000 },
        "events are lost": { $0.store.consume([], lost: 1234) },
    ]

    // MARK: Requests

    static let order = #"{"id":"evt_1","type":"invoice.paid","data":{"amount":1999,"currency":"eur","paid":true}}"#

    private static let webhooks: [String: Scene] = [
        "a webhook comes": traffic { traffic in
            traffic.arrive()
            traffic.ask(
                "POST /webhooks/stripe",
                [Transcript.json, "Stripe-Signature: t=1,v1=5257"],
                body: bytes(order)
            )
            traffic.reply("200 OK", [Transcript.json], body: bytes(#"{"received":true}"#), after: 35)
            traffic.leave()
        },
        "the webhook is replayed": traffic { traffic in
            traffic.arrive(replayOf: 1)
            traffic.ask(
                "POST /webhooks/stripe",
                [Transcript.json, "Stripe-Signature: t=1,v1=5257"],
                body: bytes(order)
            )
            let error = #"{"received":false,"error":{"code":"duplicate"}}"#
            traffic.reply("409 Conflict", [Transcript.json, "Retry-After: 30"], body: bytes(error), after: 48)
            traffic.leave()
        },
        "deliveries with signatures of all kinds": traffic { traffic in
            for delivery in [SignedDelivery.valid, .wrong, .old, .unsigned, .malformed] {
                traffic.deliver(delivery, status: delivery == .valid ? 200 : 400)
                traffic.time += 1000
            }
            traffic.deliver(.failed, status: 500)
            traffic.deliver(.valid)
        },
        "replays with new and with old signatures": traffic { traffic in
            traffic.time += 1000
            traffic.deliver(.failedAgain, replayOf: 6)
            traffic.deliver(.failedAgain.with(body: "{}"), replayOf: 6)
            traffic.time += 600_000
            traffic.deliver(.failed, replayOf: 6, status: 500)
        },
        "requests of all kinds": { dashboard in allKinds(&dashboard) },
        "three visits": traffic { traffic in
            for path in ["/a", "/b", "/c"] { traffic.visit("GET \(path)") }
        },
        "a request is held": traffic { traffic in
            traffic.arrive(isHeld: true)
            traffic.ask("POST /webhooks/stripe", [Transcript.json], body: bytes(order))
        },
        "the held request is released": traffic { traffic in
            traffic.add(.released)
            traffic.add(.targetConnected, after: 2)
            traffic.reply("200 OK", after: 30)
        },
        "the visitor of the held request leaves": traffic { $0.leave() },
        "the target refuses": traffic { traffic in
            traffic.conversation += 1
            traffic.open(id: 8, ip: 0xc633_6407, port: 4412)
            traffic.ask("GET /down")
            traffic.add(.targetFailed("connection refused"), after: 1)
            traffic.add(.closed(.targetNotConnected))
        },
        "the target closes without an answer": traffic { traffic in
            traffic.arrive()
            traffic.ask("GET /crash")
            traffic.add(.closed(.targetClosed(complete: false)), after: 40)
        },
        "the target breaks off": traffic { traffic in
            traffic.arrive()
            traffic.ask("GET /report")
            traffic.reply("200 OK", body: bytes("id,amount\n"), ends: false)
            traffic.add(.closed(.targetReset("connection reset by peer")), after: 30)
        },
        "the visitor leaves before it has the answer": traffic { traffic in
            traffic.arrive()
            traffic.ask("GET /export")
            traffic.reply("200 OK", body: bytes("id,amount\n"), after: 8000, ends: false)
            traffic.add(.closed(.visitorLeft), after: 2000)
        },
        "the visitor leaves, perhaps with the answer": traffic { traffic in
            traffic.arrive()
            traffic.ask("GET /export")
            traffic.reply("200 OK", body: bytes("id,amount\n"), after: 8000, ends: false)
            traffic.add(.closed(.visitorLeftUnsure), after: 2000)
        },
        "the visitor leaves without an answer": traffic { traffic in
            traffic.arrive()
            traffic.ask("GET /export")
            traffic.add(.closed(.visitorLeft), after: 10_000)
        },
        "an upload stalls": traffic { traffic in
            traffic.arrive()
            traffic.ask("PUT /backup", body: bytes("first part"), ends: false)
            traffic.add(.targetPaused(true))
        },
        "10,000 visits": traffic { traffic in
            traffic.online()
            for number in 1...10_000 { traffic.exchange("/items/\(number)", status: number % 10 == 0 ? 500 : 200) }
            traffic.time += 1000
        },
    ]

    private static func allKinds(_ dashboard: inout DashboardFixture) {
        dashboard.play { traffic in
            traffic.visit("GET /")
            traffic.arrive()
            traffic.ask("POST /webhooks/stripe", [Transcript.json], body: bytes(order))
            traffic.reply("200 OK", [Transcript.json], body: bytes(#"{"received":true}"#), after: 35)
            traffic.leave()
            traffic.visit("GET /api/orders/7?expand=items", "404 Not Found")
            traffic.visit("GET /old", "301 Moved Permanently")
            traffic.arrive(ip: 0x7f00_0001)
            traffic.ask("POST /webhooks/github", ["X-Forwarded-For: 198.51.100.7:4410, 10.0.0.1"], body: bytes("{}"))
            traffic.reply("500 Internal Server Error", after: 1250)
            traffic.leave()
            traffic.arrive()
            traffic.ask("GET /report")
            traffic.time += 30_000
            traffic.leave()
            traffic.conversation += 1
            traffic.open(id: 7, ip: 0xc633_6407, port: 4411)
            traffic.ask("GET /down")
            traffic.add(.targetFailed("connection refused"), after: 1)
            traffic.add(.closed(.targetNotConnected))
            traffic.visit("POST /webhooks/stripe", "500 Internal Server Error", replayOf: 2)
            traffic.arrive()
            traffic.ask("GET /chat", ["Connection: Upgrade", "Upgrade: websocket"])
            traffic.reply("101 Switching Protocols", ["Connection: Upgrade", "Upgrade: websocket"], ends: false)
            traffic.add(.visitorOpaque(.count(900)))
            traffic.add(.targetOpaque(.count(1500)))
            traffic.arrive(ip: 0xc633_6408)
            traffic.ask("GET /events")
            traffic.reply("200 OK", ["Content-Type: text/event-stream"], body: bytes("data: 1\n\n"), ends: false)
            traffic.add(.responseBody(.count(45_000)))
            traffic.arrive()
            traffic.ask("GET /slow")
            traffic.time += 700
        }
        // The marked row has a star and survives clearing.
        dashboard.store.mark(3)
        dashboard.draw()
    }

    static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
}
