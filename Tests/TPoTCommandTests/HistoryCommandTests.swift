import TPoTCapture
import TPoTInspect
import TPoTSystem
import TPoTWire
import TestSupport
import Testing

@testable import TPoTCommand
@testable import TPoTHistory

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The commands that read the history, as a shell runs them.
@Suite struct HistoryCommandTests {
    private let place: HistoryPlace

    init() throws {
        place = try HistoryPlace()
    }

    private func tpot(_ arguments: String) async throws -> HistoryPlace.Outcome { try await place.tpot(arguments) }

    /// A program that ends takes nothing away from a tunnel that runs, whatever that has opened.
    @Test func aTunnelThatRunsLosesNothing() async throws {
        try writeHistory()
        let file = HistoryFile(home: place.folder.path)
        let writers = try (0..<2).map { _ in
            try HistoryWriter(file, HistoryRun(target: "a")) { notice in Issue.record("\(notice)") }
        }
        _ = try HistoryReader(file, meaning: .inspection).summary()
        #expect(try await tpot("history clear --older-than 1d --yes").status == 0)
        for writer in writers {
            let store = CaptureStore(meaning: .inspection, background: .immediate, numbers: writer.numbers)
            writer.follow(store)
            var transcript = Transcript()
            transcript.exchange("/later")
            store.consume(&transcript)
            writer.writeAll()
            #expect(try await tpot("requests path:/later").lines.count == 1)
            #expect(try await tpot("history clear --yes").status == 0)
        }
    }

    /// A history of three requests: `GET /a`, `GET /b` with 404, and a push of GitHub.
    private func writeHistory() throws {
        let clock = TestClock()
        let writer = try HistoryWriter(
            HistoryFile(home: place.folder.path),
            HistoryRun(url: "https://shop.example", name: "shop", target: "localhost:8080"),
            limits: HistoryLimits(age: 3_000_000_000),
            clock: clock.clock
        ) { notice in Issue.record("\(notice)") }
        var secrets = WebhookSecrets()
        try secrets.add(lines: "It's a Secret", of: .gitHub, place: "test")
        let store = CaptureStore(
            clock: clock.clock,
            meaning: .inspection(secrets),
            background: .immediate,
            numbers: writer.numbers
        )
        writer.follow(store)
        var transcript = Transcript()
        transcript.exchange("/a?token=secret")
        transcript.exchange("/b", status: 404)
        transcript.open(id: 9)
        transcript.request(
            "POST /hooks HTTP/1.1\r\nHost: a\r\nCookie: secret\r\nX-GitHub-Event: push\r\n"
                + "X-Hub-Signature-256: sha256=a4dc3afb7d32a16ebbfa97e0bca1fb25f2ed0cd6bd4aebfecd86f8a48d3b990c",
            body: "{\"ref\":\"main\"}"
        )
        transcript.answer(200, fields: "Content-Type: application/octet-stream\r\n", body: "\u{1}\u{1b}[31m")
        transcript.add(.closed(.targetClosed(complete: true)))
        store.consume(&transcript)
        #expect(writer.finish(within: .seconds(30)))
    }

    private func object(_ line: String) throws -> JSONObject {
        guard case .object(let object) = try JSONParser.parse(line) else {
            Issue.record("no object: \(line)")
            return JSONObject()
        }
        return object
    }

    @Test func requestsAreListedWithTheNewestLast() async throws {
        try writeHistory()
        let all = try await tpot("requests --json")
        #expect(all.status == 0 && all.errors.isEmpty)
        let objects = try all.lines.map(object)
        #expect(objects.map { $0["number"] } == [.number("1"), .number("2"), .number("3")])
        #expect(objects[0]["path"] == .string("/a?token=(masked)") && objects[0]["failed"] == .bool(false))
        #expect(objects[1]["status"] == .number("404") && objects[1]["failed"] == .bool(true))
        #expect(objects[2]["sender"] == .string("GitHub") && objects[2]["event"] == .string("push"))
        guard case .object(let signature)? = objects[2]["signature"] else { throw Counterexample("no signature") }
        #expect(signature["verdict"] == .string("valid") && signature["scheme"] == .string("github"))
        #expect(try await tpot("requests is:signed").lines.count == 1)
        #expect(try await tpot("requests is:signed").output.hasSuffix("GitHub push ✓ signed\n"))
        #expect(try await tpot("requests is:unsigned").status == 1)
        let page = try String(contentsOfFile: "\(ExpectedFile.root)/.github/OUTPUT.md", encoding: .utf8)
        for name in objects.flatMap({ $0.members.map(\.name) }) { #expect(page.contains("`\(name)`"), "\(name)") }
        #expect(try await tpot("requests --limit 1").lines.count == 1)
        for filter in ["'not:body:{\"ref\": x'", "'not:path:/hooks and more'", "-- '-a word'"] {
            #expect(try await tpot("requests \(filter)").lines.count == 3, "\(filter)")
        }
        for filter in ["'not:header:host=a b'", "'NOT:path:/ b' path:/a", "-- '-x y' /a"] {
            #expect(try await tpot("requests \(filter)").status == 0, "\(filter)")
        }
        for limit in ["0", "100001"] { #expect(try await tpot("requests --limit \(limit)").status == 64) }
        #expect(try await tpot("requests is:failed").output.contains("GET /b"))
        #expect(try await tpot("requests not:path:/a took:under-1h --tunnel shop").lines.count == 2)
        #expect(try await tpot("requests 'body:ref' --export-secrets").output.contains("POST /hooks"))
    }

    @Test func aFilterWithAMistakeIsNoEmptyList() async throws {
        try writeHistory()
        let nothing = try await tpot("requests path:/nothing")
        #expect(nothing.status == 1 && nothing.output.isEmpty && nothing.errors == "tpot: no request matches\n")
        for filter in ["evnt:x", "status:abc", "is:fai", "path:"] {
            let mistake = try await tpot("requests '\(filter)'")
            #expect(mistake.status == 64 && mistake.output.isEmpty, "\(filter)")
            #expect(mistake.errors.hasSuffix("see `tpot requests --help`\n"), "\(filter)")
        }
    }

    @Test func aRequestIsShownWithItsAnswer() async throws {
        try writeHistory()
        let text = try await tpot("show 3")
        #expect(text.output.hasPrefix("POST /hooks HTTP/1.1\nHost: a\nCookie: [masked]\nX-GitHub-Event: push\nX-Hub-"))
        #expect(text.output.contains("\n\n{\"ref\""))
        #expect(try await tpot("show 3 --response --body").output == "\u{1}\u{1b}[31m")
        let raw = try await tpot("show 3 --raw --request --export-secrets")
        #expect(raw.output.hasPrefix("POST /hooks HTTP/1.1\r\nHost: a\r\nCookie: secret\r\n"))
        let json = try object(try await tpot("show 3 --json").output)
        guard case .object(let request)? = json["request"] else { throw Counterexample("no request") }
        #expect(request["body"] == .string("{\"ref\":\"main\"}") && request["isWhole"] == .bool(true))
        #expect(try await tpot("show 3 --har").output.contains("\"method\":\"POST\""))
        let missing = try await tpot("show 99")
        #expect(missing.status == 1 && missing.errors.hasPrefix("tpot: there is no request 99 in "))
    }

    /// What is masked in the dashboard is masked here, too.
    @Test func configuredMasksHold() async throws {
        try writeHistory()
        let text = try await place.tpot("show 3 --head", before: "TPOT_MASK_HEADERS=x-github-event")
        #expect(text.output.contains("X-GitHub-Event: [masked]\n"))
        try place.folder.write(#"{"maskHeaders": ["X-GitHub-Event"]}"#, to: ".tpot/config.json")
        for form in ["", "--raw", "--har", "--json", "--curl"] {
            let output = try await tpot("show 3 \(form)").output
            #expect(!output.isEmpty && !output.contains("X-GitHub-Event: push"), "\(form)")
            #expect(!output.contains("\"value\":\"push\""), "\(form)")
        }
        #expect(try await tpot("show 3 --export-secrets --raw").output.contains("X-GitHub-Event: push"))
    }

    /// An option that means something elsewhere must not be taken for one that limits what is removed.
    @Test func optionsOfATunnelClearNothing() async throws {
        try writeHistory()
        for command in [
            "history clear --subdomain other --yes", "--local history clear --yes", "history -s x clear --yes",
        ] {
            let outcome = try await tpot(command)
            #expect(outcome.status == 64, "\(command): \(outcome.errors)")
        }
        #expect(try await tpot("history").output.contains(": 3 requests, "))
    }

    @Test func theHistoryIsClearedOnlyOnRequest() async throws {
        #expect(try await tpot("history").status == 69, "there is none")
        try writeHistory()
        #expect(try await tpot("history").output.contains(": 3 requests, "))
        let asked = try await tpot("history clear")
        #expect(asked.status == 64 && asked.errors == "tpot: this would remove 3 requests; say --yes to do it\n")
        #expect(try await tpot("history clear --tunnel other --yes").output.hasPrefix("0 requests removed"))
        #expect(try await tpot("history clear --older-than 1d --yes").status == 0)
        #expect(try await tpot("history clear --yes").status == 0)
        let bytes = try Data(contentsOf: URL(filePath: place.folder.path + "/.tpot/history.sqlite"))
        #expect(bytes.firstRange(of: Data("secret".utf8)) == nil, "what is removed is gone")
        #expect(try await tpot("history").output.contains(": 0 requests, "))
    }
}
