import Glibc
import TPoTControl
import TPoTWire
import TestSupport
import Testing

/// `tpot http --api`, and what of the traffic the API gives away.
@Suite(.timeLimit(.minutes(5))) struct APITests {
    private func get(_ port: Int, _ path: String, fields: String = "") async throws -> String {
        let peer = try await RawPeer.connect(port: port)
        defer { peer.close() }
        peer.send("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(fields)\r\n")
        return try await peer.readMessage()
    }

    private func port(_ place: ControlPlace, _ name: String) async throws -> Int {
        try await place.wait(for: "API on http://127.0.0.1:", in: "\(name).errors")
        let text = try place.folder.text(of: "\(name).errors")
        guard let range = text.firstRange(of: "API on http://127.0.0.1:"),
            let port = Int(text[range.upperBound...].prefix { $0.isNumber })
        else { throw Counterexample(text) }
        return port
    }

    @Test func theAPIIsOffUnlessAskedForAndTakesTheNextFreePort() async throws {
        let place = try await ControlPlace()
        let silent = try await place.start("silent")
        let first = try await place.start("one", "--api")
        let second = try await place.start("two", "--api")
        #expect(try !place.folder.text(of: "silent.errors").contains("API on"))
        let ports = [try await port(place, "one"), try await port(place, "two")]
        #expect(ports[0] != ports[1] && ports.allSatisfy((4040...4049).contains))
        #expect(try place.folder.text(of: "one.errors").contains(": every local user can read it\n"))
        for (port, name) in zip(ports, ["one", "two"]) {
            let answer = try await get(port, "/v1/status")
            #expect(answer.contains("\"name\":\"\(name)\"") && answer.contains("\"api\":\"http://127.0.0.1:\(port)\""))
        }
        let status = try await silent.client.request(.GET, "/v1/status")
        #expect(try place.object(String(decoding: status.body, as: UTF8.self))["api"] == nil)
        _ = (first, second)
    }

    @Test func anAddressThatIsTakenEndsTheProgram() async throws {
        let place = try await ControlPlace()
        let outcome = try await place.tpot(
            "http 127.0.0.1:\(place.target.port) --local --no-ui --api-address 127.0.0.1:\(place.target.port)"
        )
        #expect(outcome.status == 69)
        #expect(outcome.errors.contains("the API cannot listen on 127.0.0.1: port \(place.target.port) is in use"))
        let open = try await place.tpot("http 8080 --api-address 0.0.0.0:4040")
        #expect(open.status == 64 && open.errors.contains("can be reached from other machines: set a token"))
    }

    @Test func aTokenIsNeededBeyondTheLoopback() async throws {
        let place = try await ControlPlace()
        // Port 0 would do, but then only the program knows which it got.
        let listener = try await RawListener.start()
        let port = listener.port
        try await listener.stop()
        _ = try await place.start(
            "shop",
            "--api-address 0.0.0.0:\(port)",
            environment: ["TPOT_API_TOKEN": "secret-token"]
        )
        #expect(try await get(port, "/v1/status").hasPrefix("HTTP/1.1 401 "))
        #expect(
            try await get(port, "/v1/status", fields: "Authorization: Bearer secret-token\r\n").hasPrefix(
                "HTTP/1.1 200 "
            )
        )
        #expect(try await place.tpot("status").status == 0, "the socket needs none")
    }

    @Test func secretsAreMaskedUnlessTheUserExportsThem() async throws {
        for (option, isMasked) in [("", true), ("--export-secrets", false)] {
            let target = try await Targets.fixed(Targets.answer("x", fields: "Set-Cookie: very-secret\r\n"))
            let place = try await ControlPlace(target)
            let tunnel = try await place.start("shop", option)
            try await tunnel.visit("/?token=very-secret", fields: "Authorization: Bearer very-secret\r\n")
            _ = try await place.last(of: tunnel, isAtLeast: 1)
            for path in [
                "/v1/exchanges", "/v1/exchanges/1", "/api/requests/http", "/api/requests/http/1",
                "/v1/exchanges?format=text",
            ] {
                let answer = try await tunnel.client.request(.GET, path)
                var text = String(decoding: answer.body, as: UTF8.self)
                // `raw` is base64.
                for raw in text.split(separator: "\"raw\":\"").dropFirst() {
                    text += try await place.shell("echo '\(raw.prefix { $0 != "\"" })' | base64 -d").output
                }
                #expect(text.contains("very-secret") != isMasked, "\(path) \(option)")
            }
        }
    }
}
