import TPoTInspect
import TPoTWire
import TestSupport
import Testing

@testable import TPoTCommand

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `tpot replay` with a real target, as a shell runs it.
@Suite(.timeLimit(.minutes(5))) struct ReplayCommandTests {
    private let place: HistoryPlace

    init() throws {
        place = try HistoryPlace()
    }

    /// Answers `/bad` with 500 and all else with the `Host` that came, in JSON.
    private static func target() async throws -> RawListener {
        try await RawListener.start { peer in
            while true {
                let request = try await peer.readMessage()
                let host = request.split(separator: "\r\n").first { $0.hasPrefix("Host: ") }?.dropFirst(6) ?? ""
                let body = "{\"host\": \"\(host)\", \"at\": 2}"
                let status = request.contains(" /bad ") ? "500 Oh" : "200 OK"
                let fields = "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
                peer.send("HTTP/1.1 \(status)\r\n\(fields)Date: now\r\n\r\n\(body)")
            }
        }
    }

    /// `/same`, `/bad` that went well, `/mended` that failed, `/differs`, and `/large`, which was not captured whole.
    private func writeHistory(_ port: Int) throws {
        let host = "127.0.0.1:\(port)"
        let answer = "{\"at\":2,\"host\":\"\(host)\"}"
        try place.write(target: host, bodyBytes: 200) { transcript in
            transcript.call("/same?token=secret", host: host, answer: answer)
            transcript.call("/bad", host: host, answer: answer)
            transcript.call("/mended", host: host, status: 503, answer: answer)
            transcript.call(
                "/differs",
                host: host,
                fields: "X-GitHub-Event: push\r\n",
                answer: "{\"at\":1,\"host\":\"x\"}"
            )
            transcript.call("/large", host: host, body: String(repeating: "x", count: 300))
        }
    }

    @Test func eachReplayHasAVerdict() async throws {
        let target = try await Self.target()
        try writeHistory(target.port)
        let all = try await place.tpot("replay path:/ --json")
        #expect(all.status == 1, "one is worse than before")
        let objects = try all.objects
        #expect(objects.map { $0.text("verdict") } == ["same", "regressed", "fixed", "differs", nil])
        #expect(objects[0]["replayOf"] == .number("1") && objects[0]["path"] == .string("/same?token=(masked)"))
        #expect(objects[2]["status"] == .number("200") && objects[2]["originalStatus"] == .number("503"))
        guard case .array(let differences)? = objects[3]["differences"], case .object(let first)? = differences.first
        else { throw Counterexample("no differences") }
        #expect(differences.count == 2 && first.text("what") == "json" && first.text("pointer") == "/at")
        #expect(first.text("old") == "1" && first.text("new") == "2")
        #expect(objects[4].text("notSent") == "only 200 of 300 bytes were captured (--capture-body)")
        let page = try String(contentsOfFile: "\(ExpectedFile.root)/.github/OUTPUT.md", encoding: .utf8)
        for name in objects.flatMap({ $0.members.map(\.name) }) + first.members.map(\.name) {
            #expect(page.contains("`\(name)`"), "\(name)")
        }
    }

    @Test func replaysAreInTheHistory() async throws {
        let target = try await Self.target()
        try writeHistory(target.port)
        let text = try await place.tpot("replay 3 1 --times 2")
        #expect(text.status == 0 && text.errors == "tpot: 4 replays: 2 fixed, 2 same\n")
        #expect(text.lines.count == 4 && text.lines[0].hasPrefix("3 → 11  POST /mended  503 → 200  "))
        #expect(text.lines[0].hasSuffix("  ✓ fixed") && text.lines[3].hasSuffix("  = same"))
        let rows = try await place.tpot("requests is:replay --json").objects
        #expect(rows.map { $0["number"] } == (11...14).map { .number("\($0)") }, "no numbers are left over")
        #expect(rows.map { $0["replayOf"] } == ["3", "3", "1", "1"].map { .number($0) })
        #expect(rows.map { $0.text("verdict") } == ["fixed", "fixed", "same", "same"])
        #expect(try await place.tpot("show 3 --json").objects[0]["fixed"] == .bool(true))
        #expect(try await place.tpot("show 11 --response --body").output.contains("\"at\": 2"))
        #expect(try await place.tpot("requests --tunnel shop is:replay --json").lines.count == 4)
        // A filter sends originals only, unless it asks for replays.
        #expect(try await place.tpot("replay path:/mended").lines.count == 1)
        #expect(try await place.tpot("replay path:/mended is:replay").lines.count == 3)
    }

    @Test func whatDiffersIsPrintedAndCanBeLeftOut() async throws {
        let target = try await Self.target()
        try writeHistory(target.port)
        let different = try await place.tpot("replay 4 --expect-same")
        #expect(different.status == 1)
        #expect(
            different.lines.dropFirst() == [
                "    -/at: 1", "    +/at: 2", "    -/host: \"x\"", "    +/host: \"127.0.0.1:\(target.port)\"",
            ]
        )
        #expect(try await place.tpot("replay 4").status == 0, "that is no failure")
        let same = try await place.tpot("replay 4 --expect-same --ignore json:/at --ignore json:/host")
        #expect(same.status == 0 && same.output.contains("= same"))
        #expect(try await place.tpot("replay 3 --expect-same").status == 1, "another status is not the same")
    }

    @Test func anotherTargetGetsItsOwnHost() async throws {
        let (target, other) = (try await Self.target(), try await Self.target())
        try writeHistory(target.port)
        let moved = try await place.tpot("replay 1 --target 127.0.0.1:\(other.port)")
        #expect(moved.status == 0 && moved.output.contains("+/host: \"127.0.0.1:\(other.port)\""))
        #expect(try await place.tpot("requests --tunnel 127.0.0.1:\(other.port) --json").lines.count == 1)
    }

    /// It is no part of the answer.
    @Test func whatComesAfterAnAnswerIsNotCompared() async throws {
        let target = try await Targets.fixed(Targets.answer("{}") + "more")
        try place.write(target: "127.0.0.1:\(target.port)") { transcript in
            transcript.exchange("/", answer: "{}")
        }
        let replay = try await place.tpot("replay 1 --times 2")
        #expect(replay.status == 0 && replay.errors == "tpot: 2 replays: 2 same\n", "\(replay.output)")
    }

    @Test func manyAreSentOnlyOnRequest() async throws {
        let target = try await Self.target()
        try place.write(target: "127.0.0.1:\(target.port)") { transcript in
            for number in 1...22 { transcript.call("/\(number)") }
        }
        let some = try await place.tpot("replay path:/")
        #expect(
            some.lines.count { !$0.hasPrefix(" ") } == 20 && some.lines[0].contains(" /3 "),
            "the newest, in their order"
        )
        #expect(some.errors.hasPrefix("tpot: more requests match: the newest 20 are sent (--limit)\n"))
        let many = try await place.tpot("replay path:/ --limit 50")
        #expect(many.status == 64 && many.output.isEmpty)
        #expect(many.errors == "tpot: this would send 22 requests; say --yes to do it\n")
        #expect(try await place.tpot("replay path:/ --limit 50 --yes --json").lines.count == 22)
    }

    @Test func aTargetThatIsDownEndsIt() async throws {
        let port = try RefusedPort.take()
        try writeHistory(port)
        let down = try await place.tpot("replay 1 2")
        #expect(down.status == 69 && down.output.isEmpty)
        #expect(down.errors.hasPrefix("tpot: the target cannot be reached: 127.0.0.1:\(port): connection refused; "))
    }

    @Test func mistakesAreToldBeforeAnythingIsSent() async throws {
        #expect(try await place.tpot("replay 1").status == 69, "there is no history")
        try writeHistory(try RefusedPort.take())
        for (arguments, message) in [
            ("", "name requests by number, or with a filter; see `tpot replay --help`"),
            ("1 is:failed", "name requests by number or with a filter, not with both"),
            ("1 --since 1h", "name requests by number or with a filter, not with both"),
            ("evnt:x", "no filter evnt; see `tpot replay --help`"), ("path:/ --since soon", "--since: "),
            ("1 --ignore foo", "--ignore: \"foo\" is neither header:NAME nor json:/place"),
            ("1 --ignore json:id", "--ignore: "), ("1 --times 0", "--times is 0; write 1 to 1000"),
            ("path:/ --limit 0", "--limit is 0; write 1 or more"), ("1 --target ''", "target address"),
            ("1 --subdomain x", "--subdomain is not an option of `tpot replay`"),
        ] {
            let mistake = try await place.tpot("replay \(arguments)")
            #expect(mistake.status == 64 && mistake.output.isEmpty, "\(arguments)")
            #expect(mistake.errors.hasPrefix("tpot: \(message)"), "\(arguments): \(mistake.errors)")
        }
        let missing = try await place.tpot("replay 1 99")
        #expect(missing.status == 1 && missing.errors.hasPrefix("tpot: there is no request 99 in "))
        let nothing = try await place.tpot("replay path:/nothing")
        #expect(nothing.status == 1 && nothing.errors == "tpot: no request matches\n")
    }

    @Test func webhooksAreSignedAnew() async throws {
        let target = try await Self.target()
        try place.folder.write("whsec_test", to: "secret", mode: 0o600)
        try place.write(target: "127.0.0.1:\(target.port)") { $0.deliver(.valid) }
        let secret = "--webhook-secret stripe=@secret"
        let signed = try await place.tpot("replay 1 \(secret) --json").objects
        #expect(signed.map { $0.text("edit") } == ["signature"])
        let plain = try await place.tpot("replay 1 \(secret) --no-resign --json").objects
        #expect(plain.map { $0.text("edit") } == [nil])
        #expect(try await place.tpot("requests is:signed").lines.count == 1)
        #expect(try await place.tpot("requests is:unsigned").lines.count == 1, "it is too old")
        #expect(try await place.tpot("replay 1 --json").objects.map { $0.text("edit") } == [nil], "no secret is known")
        let mistake = try await place.tpot("replay 1 --webhook-secret stripe=whsec_test")
        #expect(mistake.status == 64 && !mistake.errors.contains("whsec_test"))
    }

    @Test func otherTargetsGetSignaturesOnlyOnRequest() throws {
        func signs(_ target: String, from old: String?, _ resigns: Bool? = nil) throws -> Bool {
            let order = ReplayOrder(
                which: .numbers([1]),
                limit: 1,
                times: 1,
                isSure: false,
                trust: .system,
                expectsSame: false,
                exceptions: ComparisonExceptions(),
                webhookSecrets: try SignedDelivery.secrets,
                resigns: resigns,
                json: false,
                mask: .off
            )
            return order.signing(from: try old.map(TargetAddress.init), to: try TargetAddress(target)) != nil
        }
        #expect(try signs("shop.example:80", from: "shop.example:80"))
        for local in ["8080", "127.0.0.1:1", "[::1]:1", "unix:/a", "x.localhost:1"] {
            #expect(try signs(local, from: "shop.example:80"), "\(local)")
        }
        for other in ["other.example:80", "10.0.0.1:80", "127.example:80"] {
            #expect(try !signs(other, from: "shop.example:80"), "\(other)")
            #expect(try signs(other, from: "shop.example:80", true))
        }
        #expect(try !signs("8080", from: "8080", false))
    }
}
