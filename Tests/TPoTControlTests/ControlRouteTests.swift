import TPoTWire
import TestSupport
import Testing

@testable import TPoTControl

/// What requests get.
@Suite(.timeLimit(.minutes(5))) struct ControlRouteTests {
    private func numbers(_ answer: ControlUnderTest.Answer) -> [String] {
        answer.array("exchanges").compactMap { value in
            guard case .object(let object) = value, case .number(let number)? = object["number"] else { return nil }
            return number
        }
    }

    @Test func pagesAreTakenFromEitherEnd() async throws {
        let control = try await ControlUnderTest()
        for number in 1...130 { control.capture("/\(number)") }
        func list(_ query: String) async throws -> ControlUnderTest.Answer {
            try await control.request("GET", "/v1/exchanges?\(query)")
        }
        let newest = try await list("limit=2")
        #expect(numbers(newest) == ["129", "130"] && newest.object["more"] == .bool(true))
        #expect(try await numbers(list("before=129&limit=2")) == ["127", "128"])
        #expect(try await numbers(list("after=100&limit=3")) == ["101", "102", "103"])
        #expect(try await numbers(list("after=100&before=105&limit=2")) == ["103", "104"])
        let last = try await list("after=128")
        #expect(numbers(last) == ["129", "130"] && last.object["more"] == .bool(false))
        #expect(try await numbers(list("after=130")) == [])
        #expect(try await numbers(list("after=18446744073709551615")) == [])
        #expect(try await numbers(list("before=0")) == [])
        #expect(try await numbers(list("filter=path:/7&limit=1000")).count == 11)
        #expect(try await numbers(list("limit=1000")).count == 130)
        #expect(try await list("filter=path%3A%2F130&format=text").text == "130  /130\n")
        #expect(try await list("limit=2&format=lines").text.split(separator: "\n").count == 2)
        #expect(try await numbers(list("since=0&limit=1")) == ["130"])
        #expect(try await numbers(list("since=9000000000000")) == [])
        await control.stop()
    }

    @Test func whatIsUnderWayIsThereToo() async throws {
        let control = try await ControlUnderTest()
        var transcript = Transcript()
        transcript.open()
        transcript.get("/slow")
        control.store.consume(&transcript)
        #expect(try await numbers(control.request("GET", "/v1/exchanges")) == ["1"])
        #expect(try await numbers(control.request("GET", "/v1/exchanges?finished=true")) == [])
        await control.stop()
    }

    @Test(arguments: [
        ("/v1/exchanges?limt=5", "\"limt\" is not a parameter; known are filter"),
        ("/v1/exchanges?limit=0", "limit is 0; write 1 to 1000"), ("/v1/exchanges?limit=1001", "limit is 1001"),
        ("/v1/exchanges?limit=x", "limit is \"x\"; write a whole number"),
        ("/v1/exchanges?before=-1", "before is \"-1\""),
        ("/v1/exchanges?filter=evnt:x", "filter: no filter evnt"), ("/v1/events?filter=status:abc", "filter: "),
        ("/v1/exchanges?since=yesterday", "since is \"yesterday\"; write 90s"),
        ("/v1/exchanges?format=xml", "format is \"xml\"; write json, lines, text"),
        ("/v1/exchanges?finished=maybe", "write true or false"), ("/v1/status?x", "there are none here"),
    ])
    func aWrongParameterIsExplained(path: String, text: String) async throws {
        let control = try await ControlUnderTest()
        let answer = try await control.request("GET", path)
        #expect(answer.status == 400 && answer.object.text("error")?.contains(text) == true, "\(answer)")
        await control.stop()
    }

    @Test func aWrongPathOrMethodIsExplained() async throws {
        let control = try await ControlUnderTest()
        for path in [
            "/v2", "/v1", "/v1/exchanges/x", "/v1/exchanges/-1", "/v1/exchanges/1/x", "/api", "/%2e%2e/etc/passwd",
        ] {
            #expect(try await control.request("GET", path).status == 404, "\(path)")
        }
        let text = try await control.answers(
            to:
                "DELETE /v1/status HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
        )
        #expect(text.hasPrefix("HTTP/1.1 405 ") && text.contains("\r\nAllow: GET\r\n"))
        #expect(text.contains("/v1/status takes GET, not DELETE"))
        #expect(try await control.request("GET", "/").status == 200)
        #expect(try await control.request("GET", "/v1/exchanges/7").object.text("error") == "there is no request 7")
        await control.stop()
    }

    @Test func ordersAreCarriedOut() async throws {
        let control = try await ControlUnderTest()
        control.capture("/a")
        #expect(try await control.request("POST", "/v1/hold").status == 200)
        #expect(try await control.request("POST", "/v1/hold", body: "{\"filter\":\"path:/hook\"}").status == 200)
        #expect(try await control.request("POST", "/v1/hold", body: "{\"filter\":\"bad\"}").status == 400)
        #expect(try await control.request("POST", "/v1/hold", body: "{\"filter\":[1]}").status == 400)
        #expect(try await control.request("POST", "/v1/hold", body: "nonsense").status == 400)
        #expect(try await control.request("POST", "/v1/release", body: "{}").status == 200)
        #expect(try await control.request("POST", "/v1/stop").status == 200)
        let replay = try await control.request("POST", "/v1/exchanges/1/replay")
        #expect(replay.status == 200 && replay.object["number"] == .number("2"))
        #expect(try await control.request("POST", "/v1/exchanges/1/replay?wait=false").status == 202)
        #expect(try await control.request("POST", "/v1/exchanges/9/replay").status == 404)
        #expect(
            control.service.orders == ["hold all", "hold path:/hook", "release", "stop", "replay 1", "replay 1"]
        )
        await control.stop()
    }

    /// Each line of Prometheus' text format is a comment or `name{labels} value`.
    @Test func metricsHaveTheFormatOfPrometheus() async throws {
        let control = try await ControlUnderTest()
        control.capture("/a", "/b")
        let answer = try await control.request("GET", "/metrics")
        var described: Set<Substring> = []
        for line in answer.text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3)
            if line.hasPrefix("# ") {
                described.insert(words[2])
                continue
            }
            let name = line.prefix { $0 != "{" && $0 != " " }
            #expect(described.contains(name) && name.allSatisfy { $0.isLetter || $0 == "_" }, "\(line)")
            #expect(Double(words.last ?? "") != nil, "\(line)")
        }
        #expect(answer.text.contains("\ntpot_requests_total 2\n") && answer.text.contains("\ntpot_up 1\n"))
        await control.stop()
    }

    @Test func aTokenIsNeededWhereThereIsOne() async throws {
        let control = try await ControlUnderTest(token: "secret")
        #expect(try await control.request("GET", "/v1/status").status == 401)
        let letIn = try await control.request("GET", "/v1/status", fields: "Authorization: Bearer secret\r\n")
        #expect(letIn.status == 200)
        await control.stop()
    }
}
