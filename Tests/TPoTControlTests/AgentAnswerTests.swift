import TPoTWire
import TestSupport
import Testing

@testable import TPoTControl

/// The paths of ngrok's agent, as scripts read them.
@Suite(.timeLimit(.minutes(5))) struct AgentAnswerTests {
    private func object(_ value: JSONValue?) -> JSONObject {
        if case .object(let object)? = value { object } else { JSONObject() }
    }

    /// `curl -s localhost:4040/api/tunnels | jq -r .tunnels[0].public_url`
    @Test func theTunnelIsThere() async throws {
        let control = try await ControlUnderTest()
        let tunnels = try await control.request("GET", "/api/tunnels")
        let tunnel = object(tunnels.array("tunnels").first)
        #expect(tunnel.text("public_url") == "https://shop.tpot.example.com" && tunnel.text("proto") == "https")
        #expect(
            object(tunnel["config"]).text("addr") == "localhost:8080" && tunnels.object.text("uri") == "/api/tunnels"
        )
        let metrics = object(tunnel["metrics"])
        #expect(object(metrics["http"])["count"] == .number("0") && object(metrics["conns"])["gauge"] == .number("0"))
        for name in ["shop", "command_line"] {
            #expect(try await control.request("GET", "/api/tunnels/\(name)").object.text("name") == "shop", "\(name)")
        }
        let missing = try await control.request("GET", "/api/tunnels/other")
        #expect(missing.status == 404 && missing.object.text("msg") == "there is no tunnel \"other\"")
        await control.stop()
    }

    @Test func requestsAreThereWithTheirAnswers() async throws {
        let control = try await ControlUnderTest()
        control.capture("/old")
        var transcript = Transcript()
        transcript.conversation = 9
        transcript.open(id: 9)
        transcript.request(
            "POST /hook?key=hidden HTTP/1.1\r\nhost: a\r\nCookie: hidden\r\nx-a: 1\r\nX-A: 2",
            body: "body"
        )
        transcript.answer(201, fields: "Set-Cookie: hidden\r\nContent-Type: text/plain\r\n", body: "made")
        control.store.consume(&transcript)
        let list = try await control.request("GET", "/api/requests/http").array("requests").map { object($0) }
        #expect(list.map { $0.text("id") } == ["2", "1"], "the newest comes first")
        let found = try await control.request("GET", "/api/requests/http/2").object
        #expect(found == list.first)
        #expect(found.text("uri") == "/api/requests/http/2" && found.text("tunnel_name") == "shop")
        #expect(found.text("remote_addr") == "203.0.113.9:52110" && found.text("start")?.hasSuffix("Z") == true)
        let request = object(found["request"])
        #expect(request.text("method") == "POST" && request.text("proto") == "HTTP/1.1")
        #expect(request.text("uri") == "/hook?key=(masked)")
        let fields = object(request["headers"])
        #expect(
            fields["X-A"] == .array([.string("1"), .string("2")]) && fields["Cookie"] == .array([.string("[masked]")])
        )
        let response = object(found["response"])
        #expect(response.text("status") == "201 Text" && response["status_code"] == .number("201"))
        for (part, text) in [(request, "body"), (response, "made")] {
            let raw = decoded(part.text("raw") ?? "")
            #expect(!raw.contains("hidden") && raw.hasSuffix("\r\n\r\n\(text)"), "\(raw)")
        }
        #expect(try await control.request("GET", "/api/requests/http?limit=1").array("requests").count == 1)
        #expect(try await control.request("GET", "/api/requests/http?tunnel_name=other").array("requests").isEmpty)
        await control.stop()
    }

    @Test func aRequestIsReplayedAndTheListIsCleared() async throws {
        let control = try await ControlUnderTest()
        control.capture("/a", "/b")
        for body in ["{\"id\":\"1\"}", "{\"id\": 1, \"tunnel_name\": \"shop\"}"] {
            let answer = try await control.request("POST", "/api/requests/http", body: body)
            #expect(answer.status == 204 && answer.text.isEmpty)
        }
        #expect(control.service.orders == ["replay 1", "replay 1"])
        for body in ["", "{}", "{\"id\":\"x\"}", "[]"] {
            #expect(try await control.request("POST", "/api/requests/http", body: body).status == 400, "\(body)")
        }
        #expect(try await control.request("POST", "/api/requests/http", body: "{\"id\":\"77\"}").status == 404)
        #expect(try await control.request("DELETE", "/api/requests/http").status == 204)
        #expect(try await control.request("GET", "/api/requests/http").array("requests").isEmpty)
        control.capture("/c")
        #expect(try await control.request("GET", "/api/requests/http").array("requests").count == 1)
        await control.stop()
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ])
    func base64IsThatOfTheStandard(text: String, expected: String) {
        #expect(Base64.text(Array(text.utf8)) == expected)
    }

    private func decoded(_ text: String) -> String {
        let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        var bits = 0
        var word = 0
        var bytes: [UInt8] = []
        for character in text where character != "=" {
            guard let index = digits.firstIndex(of: character) else { return "" }
            word = word << 6 | digits.distance(from: digits.startIndex, to: index)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(word >> bits & 255))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
