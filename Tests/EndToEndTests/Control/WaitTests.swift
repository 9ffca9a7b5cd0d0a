import Glibc
import TPoTControl
import TPoTWire
import TestSupport
import Testing

/// `tpot wait`, the events behind it, and `tpot requests --follow`.
@Suite(.timeLimit(.minutes(5))) struct WaitTests {
    @Test func aRequestThatCameBeforeCounts() async throws {
        let place = try await ControlPlace()
        let tunnel = try await place.start("shop")
        try await tunnel.visit("/a?token=secret")
        try await tunnel.visit("/b")
        let first = try await place.tpot("wait --json")
        let object = try place.object(first.output)
        #expect(
            first.status == 0 && object["path"] == .string("/a?token=(masked)") && object["type"] == .string("exchange")
        )
        #expect(try await place.tpot("wait path:/b").output.contains("GET /b"))
        #expect(try await place.tpot("wait --after 1 --json").output.contains("\"/b\""))
        let late = try await place.tpot("wait --after 2 --timeout 1s")
        #expect(late.status == 1 && late.output.isEmpty && late.errors == "tpot: no request matched within 1 s\n")
    }

    @Test func aRequestThatComesLaterEndsTheWait() async throws {
        let place = try await ControlPlace()
        let tunnel = try await place.start("shop")
        async let waited = place.tpot("wait 'path:/hook' --timeout 60s --json")
        for _ in 1...5 { try await tunnel.visit("/other") }
        try await tunnel.visit("/hook")
        let outcome = try await waited
        #expect(try outcome.status == 0 && place.object(outcome.output)["path"] == .string("/hook"))
    }

    @Test func aMistakeIsNoWait() async throws {
        let place = try await ControlPlace()
        for arguments in ["evnt:x", "status:abc", "--timeout soon", "--since ever"] {
            let outcome = try await place.tpot("wait \(arguments)")
            #expect(outcome.status == 64 && outcome.output.isEmpty, "\(arguments)")
        }
    }

    @Test func theWaitEndsWithTheTunnel() async throws {
        let place = try await ControlPlace()
        _ = try await place.start("shop")
        async let waited = place.tpot("wait --timeout 60s")
        #expect(try await place.tpot("stop").status == 0)
        #expect(try await waited.status == 69)
    }

    /// Earlier runs of the same tunnel are looked at only on request.
    @Test func earlierRunsCountOnRequest() async throws {
        let place = try await ControlPlace()
        let before = try await place.start("shop")
        try await before.visit("/before")
        #expect(try await place.tpot("stop").status == 0)
        _ = try await place.start("shop")
        #expect(try await place.tpot("wait path:/before --timeout 1s").status == 1)
        #expect(try await place.tpot("wait path:/before --since 1h --timeout 5s").status == 0)
        #expect(try await place.tpot("wait path:/before --after 0 --timeout 5s").status == 0)
    }

    @Test func withoutAHistoryTheNewestAreKept() async throws {
        let place = try await ControlPlace()
        let tunnel = try await place.start("shop", "--no-history --capture-memory 256KiB")
        for number in 1...3 { try await tunnel.visit("/\(number)") }
        _ = try await place.last(of: tunnel, isAtLeast: 3)
        let page = try await tunnel.client.request(.GET, "/v1/exchanges")
        let object = try place.object(String(decoding: page.body, as: UTF8.self))
        guard case .array(let exchanges)? = object["exchanges"] else { throw Counterexample("no exchanges") }
        #expect(object["persistent"] == .bool(false) && exchanges.count == 3)
        #expect(try await place.tpot("wait path:/1 --json").output.contains("\"number\":1,"))
        #expect(access("\(place.home)/.tpot/history.sqlite", F_OK) != 0)
        let detail = try await tunnel.client.request(.GET, "/v1/exchanges/1")
        #expect(String(decoding: detail.body, as: UTF8.self).contains("\"body\":\"hello\""))
    }

    /// The first event after a quiet time, and those that follow at once.
    @Test func anEventComesWithinMilliseconds() async throws {
        let place = try await ControlPlace()
        let tunnel = try await place.start("shop")
        let events = try await tunnel.client.events("/v1/events")
        defer { events.close() }
        let iterator = events.makeAsyncIterator()
        var delays: [Duration] = []
        for number in 1...40 {
            try await tunnel.visit("/\(number)")
            let answered = ContinuousClock.now
            let event = await iterator.next()
            delays.append(ContinuousClock.now - answered)
            #expect(event?.number == UInt64(number))
        }
        // Other tests run at the same time, so only most of them are held to it.
        #expect(delays.sorted()[20] < .milliseconds(20), "\(delays)")
    }

    /// What ends while the history is being written is neither missing nor there twice.
    @Test func noExchangeIsMissingWhileItIsSaved() async throws {
        let place = try await ControlPlace()
        let tunnel = try await place.start("shop")
        for number in 1...60 {
            try await tunnel.visit("/\(number)")
            // The visitor has its answer a moment before the exchange is captured.
            _ = try await place.last(of: tunnel, isAtLeast: number)
            let page = try await tunnel.client.request(.GET, "/v1/exchanges?limit=1000&format=lines")
            #expect(page.body.split(separator: UInt8(ascii: "\n")).count == number)
        }
    }

    @Test func requestsAreFollowed() async throws {
        let place = try await ControlPlace()
        let tunnel = try await place.start("shop")
        try await tunnel.visit("/before")
        let process = try place.spawn("requests --follow --json", "follow")
        try await place.wait(for: "/before", in: "follow.output")
        try await tunnel.visit("/after")
        try await place.wait(for: "/after", in: "follow.output")
        let lines = try place.folder.text(of: "follow.output").split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("{\"type\":\"exchange\"") })
        #expect(try await place.tpot("stop").status == 0)
        let status = await withCheckedContinuation { continuation in
            process.leave { continuation.resume(returning: $0) }
        }
        #expect(status == 0, "it ends with the last tunnel")
    }
}

extension ControlPlace {
    /// Waits until so many requests were captured.
    func last(of tunnel: Tunnel, isAtLeast count: Int) async throws -> Int {
        while true {
            let answer = try await tunnel.client.request(.GET, "/v1/exchanges?finished=true&limit=1&format=lines")
            guard case .number(let text)? = try? object(String(decoding: answer.body, as: UTF8.self))["number"],
                let number = Int(text), number >= count
            else {
                try await Task.sleep(for: .milliseconds(5))
                continue
            }
            return number
        }
    }
}
