import NIOConcurrencyHelpers
import TPoTWire
import TestSupport
import Testing

@testable import TPoTCommand

/// The tools of `tpot mcp --allow-replay`, with a real target.
@Suite(.timeLimit(.minutes(5))) struct MCPReplayTests {
    private let session: MCPSession
    private let target: RawListener
    private let received = NIOLockedValueBox<[String]>([])

    init() async throws {
        session = MCPSession(place: try HistoryPlace())
        let received = received
        // Answers with what it got, as text.
        target = try await RawListener.start { peer in
            while true {
                let request = try await peer.readMessage()
                received.withLockedValue { $0.append(request) }
                peer.send(Targets.answer(request, fields: "Content-Type: text/plain\r\n"))
            }
        }
        // A replay has a minute. On a busy machine the target may need that to begin, so it answers once before.
        let visitor = try await RawPeer.connect(port: target.port)
        visitor.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await visitor.readMessage()
        visitor.close()
        received.withLockedValue { $0 = [] }
        try session.place.write(target: "127.0.0.1:\(target.port)", bodyBytes: 200) { transcript in
            let fields =
                "Authorization: Bearer SECRET-SECRET-1\r\nReferer: https://a.example/?token=SECRET-2\r\nX-Old: 1\r\n"
            transcript.call("/pay?key=SECRET-34", fields: fields, body: #"{"n":1}"#, status: 500)
            transcript.call("/large", body: String(repeating: "x", count: 300))
        }
    }

    private func call(_ name: String, _ arguments: String) async throws -> MCPResult {
        try await session.call(name, arguments, options: "--allow-replay")
    }

    private var last: String { received.withLockedValue { $0.last ?? "" } }

    @Test func aRequestIsSentAgain() async throws {
        let result = try await call("replay_request", #"{"number":1}"#)
        #expect(
            !result.isError && result.text.hasPrefix("Sent to 127.0.0.1:\(target.port); get_request "),
            "\(result.text)"
        )
        let replay = try #require(result.structured.object("replay"))
        #expect(
            replay.text("verdict") == "fixed" && replay.number("replayOf") == 1
                && replay.number("originalStatus") == 500
        )
        #expect(
            last.contains("Authorization: Bearer SECRET-SECRET-1\r\n") && last.hasPrefix("POST /pay?key=SECRET-34 ")
        )
        #expect(!result.text.contains("SECRET") && !"\(result.structured)".contains("SECRET"), "\(result.text)")
        // It is in the history, and what the target repeats of a secret is not shown there, either.
        let number = try #require(replay.number("number"))
        let shown = try await call("get_request", #"{"number":\#(number)}"#)
        #expect(shown.text.contains("a replay of 1") && !shown.text.contains("SECRET"), "\(shown.text)")
    }

    @Test func anEditedRequestKeepsItsSecrets() async throws {
        let result = try await call(
            "replay_edited",
            #"{"number":1,"headers":{"authorization":"[masked]","referer":"https://a.example/?token=(masked)","X-Old":null,"X-New":"ä"},"body":"{\"n\":22}"}"#
        )
        #expect(!result.isError && !result.text.contains("SECRET"), "\(result.text)")
        #expect(last.contains("\r\nAuthorization: Bearer SECRET-SECRET-1\r\n") && last.contains("?token=SECRET-2\r\n"))
        #expect(last.contains("\r\nX-New: ä\r\n") && !last.contains("X-Old"))
        #expect(last.contains("\r\nContent-Length: 8\r\n") && last.hasSuffix("\r\n\r\n{\"n\":22}"))
        #expect(result.structured.object("replay")?.text("edit")?.isEmpty == false)
    }

    @Test func whatCannotBeSentIsRefused() async throws {
        for (name, arguments, text) in [
            ("replay_edited", #"{"number":1}"#, "nothing is changed: give headers or body"),
            ("replay_edited", #"{"number":1,"headers":{"a b":"c"}}"#, #"headers: "a b" is not the name of a header"#),
            (
                "replay_edited", #"{"number":1,"headers":{"X":"a\r\nY: b"}}"#,
                "headers: the value of X has a control character"
            ),
            (
                "replay_edited", #"{"number":1,"headers":{"X":"a\u0000"}}"#,
                "headers: the value of X has a control character"
            ),
            (
                "replay_edited", #"{"number":1,"headers":{"Content-Length":"1"}}"#,
                "headers: Content-Length cannot be set"
            ),
            (
                "replay_edited", #"{"number":1,"headers":{"transfer-encoding":"x"}}"#,
                "headers: transfer-encoding cannot"
            ),
            (
                "replay_edited", #"{"number":1,"headers":{"Authorization":"Basic [masked]"}}"#,
                "headers: the value of Authorization has a stand-in"
            ),
            (
                "replay_edited", #"{"number":1,"headers":{"X-Copy":"[masked]"}}"#,
                "headers: the value of X-Copy has a stand-in"
            ),
            (
                "replay_edited", #"{"number":1,"headers":{"X":7}}"#,
                "replay_edited: headers must be an object of at most 100"
            ),
            ("replay_request", #"{"number":2}"#, "request 2 is not sent: only 200 of 300 bytes were captured"),
            ("replay_request", #"{"number":99}"#, "there is no request 99 in "),
            (
                "replay_request", #"{"number":1,"target":"127.0.0.1:1"}"#,
                "replay_request has no argument target; it has number"
            ),
        ] {
            let result = try await call(name, arguments)
            #expect(result.isError && result.text.hasPrefix(text), "\(arguments): \(result.text)")
        }
        #expect(received.withLockedValue { $0.isEmpty }, "nothing was sent")
    }

    @Test func aTargetThatIsDownIsNamed() async throws {
        let session = MCPSession(place: try HistoryPlace())
        let port = try RefusedPort.take()
        try session.place.write(target: "127.0.0.1:\(port)") { transcript in transcript.call("/") }
        let result = try await session.call("replay_request", #"{"number":1}"#, options: "--allow-replay")
        #expect(
            result.isError
                && result.text.hasPrefix("the target cannot be reached: 127.0.0.1:\(port): connection refused")
        )
    }
}
