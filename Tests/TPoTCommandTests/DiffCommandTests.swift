import TPoTWire
import TestSupport
import Testing

@testable import TPoTCommand

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `tpot diff`, `tpot export` and `tpot show --curl`, as a shell runs them.
@Suite(.timeLimit(.minutes(5))) struct DiffCommandTests {
    private let place: HistoryPlace

    init() throws {
        place = try HistoryPlace()
        try place.write(target: "127.0.0.1:4700", bodyBytes: 200) { transcript in
            transcript.call("/a?token=one", fields: "X-Api-Key: one\r\n", answer: "{\"n\":1,\"list\":[1]}")
            transcript.call("/a?token=two", fields: "X-Api-Key: two\r\n", status: 404, answer: "{\"n\":2}")
            transcript.call("/b", answer: "{\"n\":1,\"m\":2}")
            transcript.call("/b", answer: "{\"m\":2,\"n\":1}")
            transcript.call("/c", answer: String(repeating: "x", count: 300))
            transcript.call("/d", body: "\u{1}\u{2}it's")
        }
    }

    @Test func whatDiffersIsSaid() async throws {
        let text = try await place.tpot("diff 1 2")
        #expect(text.status == 1 && text.errors.isEmpty)
        #expect(
            text.lines == [
                "request:", "-POST /a?token=(masked)", "+POST /a?token=(masked)", "-X-Api-Key: [masked]",
                "+X-Api-Key: [masked]", "response:", "-status: 200", "+status: 404", "-/n: 1", "+/n: 2",
                "-/list: [1]",
            ]
        )
        #expect(try await place.tpot("diff 1 2 --export-secrets").output.contains("+X-Api-Key: two\n"))
        let same = try await place.tpot("diff 3 4")
        #expect(same.status == 0 && same.lines == ["request: same", "response: same"])
        let ignoring = try await place.tpot("diff 1 2 --ignore header:x-api-key --ignore json:/n --ignore json:/list")
        #expect(ignoring.status == 1 && ignoring.lines.last == "+status: 404")
    }

    @Test func whatDiffersIsSaidInJSON() async throws {
        let different = try await place.tpot("diff 1 2 --json")
        #expect(different.status == 1)
        let object = try different.objects[0]
        #expect(object.text("type") == "diff" && object["old"] == .number("1") && object["new"] == .number("2"))
        #expect(object["same"] == .bool(false))
        guard case .array(let request)? = object["request"], case .array(let response)? = object["response"],
            case .object(let header)? = request.last
        else { throw Counterexample("no differences") }
        #expect(request.count == 2 && response.count == 3)
        #expect(header.text("what") == "header" && header.text("name") == "X-Api-Key")
        #expect(try await place.tpot("diff 3 4 --json").objects[0]["same"] == .bool(true))
    }

    @Test func whatWasNotKeptCannotBeCompared() async throws {
        let text = try await place.tpot("diff 5 5")
        let gap = "only 200 of 300 bytes of the answer of 5 are kept"
        #expect(text.status == 1 && text.lines == ["request: same", "response: no difference found"])
        #expect(text.errors == "tpot: it cannot be told whether all is the same: \(gap)\n")
        #expect(try await place.tpot("diff 5 5 --json").objects[0].text("cannotTell") == gap)
        let missing = try await place.tpot("diff 1 99")
        #expect(missing.status == 1 && missing.errors.hasPrefix("tpot: there is no request 99 in "))
        #expect(try await place.tpot("diff 1").status == 64)
    }

    /// Colours are for people who want them.
    @Test func coloursAreOnlyOnATerminal() async throws {
        #expect(!(try await place.tpot("diff 1 2").output.contains("\u{1b}")))
        let inTerminal = "diff 1 2 >/dev/null; script -qec 'tpot diff 1 2' /dev/null </dev/null"
        let coloured = try await place.tpot(inTerminal, before: "TERM=xterm; export TERM;")
        guard !coloured.errors.contains("not found") else { return }
        #expect(coloured.output.contains("\u{1b}[32m+status: 404\u{1b}[0m"))
        let plain = try await place.tpot(inTerminal, before: "NO_COLOR=1; export NO_COLOR;")
        #expect(plain.output.contains("+status: 404") && !plain.output.contains("\u{1b}"))
    }

    // MARK: Files and commands

    @Test func aHARFileIsWrittenOnce() async throws {
        let written = try await place.tpot("export path:/a --har a.har")
        #expect(written.status == 0 && written.errors.isEmpty)
        #expect(written.output.hasPrefix("2 requests written to \(place.folder.path)/a.har, secrets masked"))
        let text = try place.folder.text(of: "a.har")
        #expect(try place.folder.mode(of: "a.har") == 0o600)
        guard case .object(let file) = try JSONParser.parse(text), case .object(let log)? = file["log"],
            case .array(let entries)? = log["entries"]
        else { throw Counterexample("no HAR file: \(text)") }
        let numbers = entries.map { entry -> JSONValue? in
            if case .object(let entry) = entry { entry["_number"] } else { nil }
        }
        #expect(numbers == [.number("1"), .number("2")], "the oldest first")
        #expect(text.contains("token=(masked)") && !text.contains("\"one\""))

        let again = try await place.tpot("export --har a.har")
        #expect(
            again.status == 64
                && again.errors.hasSuffix("a.har exists; say --force to replace it, or name another file\n")
        )
        #expect(try place.folder.text(of: "a.har") == text)
        let all = try await place.tpot("export --har a.har --force --export-secrets --limit 3")
        #expect(all.status == 0 && all.output.hasPrefix("3 requests written to "))
        #expect(try await place.tpot("export path:/a --force --export-secrets --har a.har").status == 0)
        #expect(try place.folder.text(of: "a.har").contains("\"one\""))
    }

    @Test func aFileThatCannotBeWrittenLeavesNothing() async throws {
        let nothing = try await place.tpot("export path:/nothing --har a.har")
        #expect(nothing.status == 1 && nothing.errors.hasPrefix("tpot: no request matches, so "))
        let nowhere = try await place.tpot("export --har none/a.har")
        #expect(nowhere.status == 65 && nowhere.errors.contains("none/a.har is not written: No such file"))
        #expect(try await place.tpot("export evnt:x --har a.har").status == 64)
        #expect(try await place.tpot("export").status == 64, "no file is named")
        // A folder has that name.
        #expect(try await place.tpot("export --har . --force").status == 65)
        let files = try FileManager.default.contentsOfDirectory(atPath: place.folder.path)
        #expect(!files.contains { $0.hasSuffix(".har") || $0.hasSuffix(".part") })
    }

    @Test func maskedHeadersComeFromTheSettings() async throws {
        try place.folder.write("{\"maskHeaders\": [\"X-Inner\"]}", to: ".tpot/config.json")
        try place.write(target: "127.0.0.1:4700") { $0.call("/inner", fields: "X-Inner: hidden\r\n") }
        let shown = try await place.tpot("requests path:/inner --json").objects[0]["number"]
        guard case .number(let number)? = shown else { throw Counterexample("no number") }
        #expect(try await place.tpot("show \(number) --request").output.contains("X-Inner: [masked]"))
        #expect(try await place.tpot("show \(number) --export-secrets").output.contains("X-Inner: hidden"))
    }

    @Test func aRequestIsShownAsACurlCommand() async throws {
        let command = try await place.tpot("show 1 --curl")
        #expect(
            command.status == 0 && command.output.hasPrefix("curl --http1.1 'http://127.0.0.1:4700/a?token=(masked)'")
        )
        #expect(command.errors == "tpot: secrets are masked: --export-secrets leaves them in\n")
        let secret = try await place.tpot("show 1 --curl --export-secrets")
        #expect(secret.output.contains("token=one") && secret.errors.isEmpty)
        // A body that is not text comes through a pipe.
        let bytes = try await place.tpot("show 6 --curl")
        #expect(bytes.output.hasPrefix(#"printf '\001\002\151\164\047\163' | curl "#))
        #expect(bytes.output.contains("--data-binary @-"))
        for form in ["--curl --har", "--curl --response", "--har --body"] {
            #expect(try await place.tpot("show 1 \(form)").status == 64, "\(form)")
        }
        try place.write(target: "127.0.0.1:4700", bodyBytes: 200) {
            $0.call("/large", body: String(repeating: "x", count: 300))
        }
        let refused = try await place.tpot("show 11 --curl")
        #expect(refused.status == 1 && refused.errors.hasPrefix("tpot: no curl command for 11: only 200 of 300 bytes"))
    }
}
