import FoundationEssentials
import TestSupport
import Testing

/// The real program in a real terminal, as a user sees it.
@Suite(.serialized, .enabled(if: TestTerminal.isAvailable, "tmux is not installed"), .timeLimit(.minutes(3)))
struct UsingTests {
    @Test func requestsAppearAndCanBeRead() async throws {
        try await TestTunnel.with { tunnel in
            let terminal = tunnel.terminal
            try await terminal.wait(for: "No request has come yet. Try\n    curl http://\(tunnel.host)")
            try await tunnel.visit(
                "POST /webhooks/stripe",
                fields: "Content-Type: application/json\r\n",
                body: #"{"id":7}"#
            )
            try await tunnel.visit("GET /fail")
            try await terminal.wait(for: "▸   2 ")
            let screen = try await terminal.wait(for: "requests 2 ")
            #expect(screen.contains(" /webhooks/stripe ") && screen.contains(" 500 "))
            try await terminal.press("j", "Enter")
            try await terminal.wait(for: "Host: localhost:")
            try await terminal.wait(for: #"   "id": 7"#)
            try await terminal.press("Right")
            try await terminal.wait(for: #"   "said": "POST /webhooks/stripe HTTP/1.1""#)
            try await terminal.press("3")
            try await terminal.wait(for: "first byte of answer")
            try await terminal.press("Escape")
            try await terminal.press("/")
            try await terminal.type("status:5xx")
            try await terminal.wait(for: "1 of 2")
            try await terminal.press("Enter", "2")
            try await terminal.wait(for: "GET /fail")
            try await terminal.press("3")
            try await terminal.wait(for: "embedded server on port")
        }
    }

    @Test func freezeStopsThePictureAndHoldStopsTheTraffic() async throws {
        try await TestTunnel.with { tunnel in
            let terminal = tunnel.terminal
            try await tunnel.visit("GET /first")
            try await terminal.wait(for: "▸   1 ")
            try await terminal.press("Space")
            // Waits until the picture is frozen, so that the next request is not in it.
            try await terminal.wait(for: "frozen")
            try await tunnel.visit("GET /second")
            let frozen = try await terminal.wait(for: "frozen, 1 new")
            #expect(!frozen.contains("/second"))
            try await terminal.press("Space")
            try await terminal.wait(for: "/second")

            try await terminal.press("p")
            try await terminal.wait(for: "■ held")
            let visitor = try await tunnel.visit(tunnel.raw("GET /waits"))
            try await terminal.wait(for: " /waits ")
            #expect(!tunnel.received.contains { $0.hasPrefix("GET /waits") }, "the target does not see it")
            try await terminal.press("r")
            try await terminal.wait(for: "replayed as 4")
            try await terminal.wait(for: "requests 4, 1 waiting")
            #expect(tunnel.received.count { $0.hasPrefix("GET /waits") } == 1, "a replay passes the hold")
            try await terminal.press("p")
            #expect(try await visitor.readMessage().contains("GET /waits"))
            try await terminal.wait(for: "● online")
        }
    }

    @Test func quittingRefusesHeldRequests() async throws {
        try await TestTunnel.with { tunnel in
            let terminal = tunnel.terminal
            try await tunnel.visit("GET /first")
            try await terminal.press("p")
            try await terminal.wait(for: "■ held")
            let visitor = try await tunnel.visit(tunnel.raw("GET /waits"))
            try await terminal.wait(for: " /waits ")
            try await terminal.press("q")
            try await terminal.wait(for: "held visitors are refused")
            try await terminal.press("y")
            let (screen, isRestored) = try await tunnel.ended()
            #expect(isRestored && screen.contains("is closed; 1 request passed, 1 refused while held\n"))
            #expect(try await visitor.readToEnd().text.hasPrefix("HTTP/1.1 503 "))
            #expect(!screen.contains("answers under way"), "it does not wait for answers that never come")
        }
    }

    @Test func requestsAreReplayedAndEdited() async throws {
        try await TestTunnel.with(options: "", ["EDITOR": "./editor --wait"]) { tunnel in
            let terminal = tunnel.terminal
            try await terminal.addProgram(
                "editor",
                #"[ "$1" = --wait ] && sed -i 's,/orders,/fail,; s,seven,eight and a half,' "$2""#
            )
            try await tunnel.visit("POST /orders", fields: "Authorization: secret\r\n", body: "seven")
            try await terminal.wait(for: "▸   1 ")
            try await terminal.press("r")
            try await terminal.wait(for: "replayed as 2")
            // Waits for the answer: two replays use separate connections, so the target may receive them in either
            // order.
            try await terminal.wait("the first replay's answer") { screen in
                screen.split(separator: "\n").contains { $0.contains("↻ 2 ") && $0.contains(" 200 ") }
            }
            try await terminal.press("e")
            let screen = try await terminal.wait(for: "replayed as 3")
            #expect(screen.contains("↻ 3 ") && screen.contains("↻ 2"))
            // The message about a replay appears before the target has the request.
            try await terminal.wait("the answer") { screen in
                screen.split(separator: "\n").contains { $0.contains("↻ 3 ") && $0.contains(" 500 ") }
            }
            #expect(tunnel.received.count == 3)
            #expect(tunnel.received[0] == tunnel.received[1])
            let edited = try #require(tunnel.received.last)
            #expect(edited.hasPrefix("POST /fail HTTP/1.1\r\n") && edited.contains("Authorization: secret\r\n"))
            #expect(edited.hasSuffix("Content-Length: 16\r\n\r\neight and a half"))
            try await terminal.press("d")
            try await terminal.wait(for: "- HTTP/1.1 200 OK\n + HTTP/1.1 500 Oops")
        }
    }

    /// The command runs as git and other programs run it.
    @Test(arguments: [
        #"./editor --wait 'two words'"#, #"./editor "--wait" two\ words"#, #"$HOME/editor --wait "$WORDS""#,
        #"MODE=fast; ./editor --wait "two words""#, #"MODE=fast ./editor --wait "two words""#,
        #"${HOME}/editor --wait "$(echo two words)""#,
    ])
    func theEditorIsAShellCommand(command: String) async throws {
        let variables = ["VISUAL": command, "EDITOR": "no-such-editor", "WORDS": "two words"]
        try await TestTunnel.with(variables) { tunnel in
            try await tunnel.terminal.addProgram(
                "editor",
                #"[ "$1 $2 $#" = "--wait two words 3" ] && sed -i 's,/orders,/edited,' "$3""#
            )
            try await tunnel.visit("GET /orders")
            try await tunnel.terminal.wait(for: "▸   1 ")
            try await tunnel.terminal.press("e")
            try await tunnel.terminal.wait(for: "replayed as 2")
            try await tunnel.terminal.wait(for: "edited, path")
            #expect(tunnel.received.last?.hasPrefix("GET /edited ") == true)
        }
    }

    @Test func aMissingEditorIsReported() async throws {
        try await TestTunnel.with(["EDITOR": "no-such-editor -x"]) { tunnel in
            try await tunnel.visit("GET /orders")
            try await tunnel.terminal.wait(for: "▸   1 ")
            try await tunnel.terminal.press("e")
            try await tunnel.terminal.wait(for: "! could not start no-such-editor -x: set EDITOR to another one")
            #expect(tunnel.received.count == 1)
        }
    }

    @Test(arguments: ["", "--export-secrets"])
    func requestsAreCopiedExportedAndOpened(options: String) async throws {
        try await TestTunnel.with(options: options) { tunnel in
            let terminal = tunnel.terminal
            try await tunnel.visit("POST /orders", fields: "Cookie: id=secret\r\n", body: "seven")
            try await terminal.wait(for: "▸   1 ")
            try await terminal.press("y", "b")
            try await terminal.wait(for: "request body of 1 copied into tmux's buffer")
            #expect(try await terminal.buffer() == "seven")
            try await terminal.press("y", "c")
            try await terminal.wait(for: "curl command of 1 copied into tmux's buffer")
            #expect(try await terminal.buffer().hasPrefix("curl "))
            try await terminal.press("w")
            try await terminal.wait(for: "1 request written to tpot-")
            try await terminal.addProgram("xdg-open", #"echo "$1" > opened"#)
            try await terminal.press("o")
            try await terminal.wait(for: "opened http://\(tunnel.host)")
            try await terminal.wait("the browser") { _ in
                (try? terminal.text(of: "opened")) == "http://\(tunnel.host)\n"
            }
            try await terminal.press("Q")
            try await terminal.wait(for: "this machine only; any key goes back")
            try await terminal.press("q", "q", "q")
            let (screen, isRestored) = try await tunnel.ended()
            #expect(isRestored)
            let name = try #require(screen.firstMatch(of: /written: (tpot-.*\.har)/)?.output.1)
            let archive = try terminal.text(of: String(name))
            #expect(
                archive.contains(#""url":"http://\#(tunnel.host)/orders""#)
                    && archive.contains("secret") == !options.isEmpty
            )
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(terminal.folder)/\(name)")
            #expect((attributes[.posixPermissions] as? Int ?? 0) & 0o777 == 0o600)
        }
    }

    /// An environment for copying, an installed clipboard program, and the message that the user reads.
    struct Copying: Sendable {
        let variables: [String: String]
        var program: String?
        var action = ""
        let message: String

        static let all: [Copying] = [
            Copying(variables: ["DISPLAY": ":7"], program: "xclip", action: "cat > got", message: "copied"),
            Copying(variables: ["DISPLAY": ":7"], program: "xsel", action: "cat > got", message: "copied"),
            Copying(variables: ["WAYLAND_DISPLAY": "w"], program: "wl-copy", action: "cat > got", message: "copied"),
            Copying(
                variables: ["WAYLAND_DISPLAY": "w"],
                program: "wl-copy",
                action: "exit 3",
                message: "sent to the terminal; wl-copy ended with status 3"
            ),
            Copying(
                variables: ["WAYLAND_DISPLAY": "w"],
                program: "wl-copy",
                action: "exec sleep 1000",
                message: "sent to the terminal; wl-copy did not end within 2 s"
            ),
            Copying(variables: ["WAYLAND_DISPLAY": "w"], message: "sent to the terminal; wl-copy "),
            Copying(variables: [:], message: "sent to the terminal"),
            Copying(
                variables: ["SSH_TTY": "t", "DISPLAY": ":7"],
                program: "xclip",
                action: "cat > got",
                message: "sent to the terminal"
            ),
        ]
    }

    @Test(arguments: Copying.all) func copyingUsesAProgramOrTheTerminal(copying: Copying) async throws {
        try await TestTunnel.with(["TMUX": ""].merging(copying.variables) { $1 }) { tunnel in
            let terminal = tunnel.terminal
            if let program = copying.program { try await terminal.addProgram(program, copying.action) }
            try await tunnel.visit("POST /orders", body: "seven")
            try await terminal.wait(for: "▸   1 ")
            try await terminal.press("y", "b")
            try await terminal.wait(for: "request body of 1 \(copying.message)")
            if copying.message.hasPrefix("sent") {
                try await terminal.wait("the sequence") { _ in terminal.hasWritten("\u{1b}]52;c;c2V2ZW4=\u{7}") }
                #expect(try !terminal.files().contains("got"))
            } else {
                #expect(try terminal.text(of: "got") == "seven")
            }
        }
    }

    /// A body that a curl command cannot contain is in a file until the program ends.
    @Test func theBodyFileOfACurlCommandIsRemovedAtTheEnd() async throws {
        try await TestTunnel.with(columns: 140) { tunnel in
            let terminal = tunnel.terminal
            try await tunnel.visit("POST /orders", body: "a\u{0}b")
            try await terminal.wait(for: "▸   1 ")
            try await terminal.press("y", "c")
            let screen = try await terminal.wait(for: "until tpot ends")
            let path = String(try #require(screen.firstMatch(of: /its body is in (\S+)/)?.output.1))
            #expect(FileManager.default.contents(atPath: path) == Data("a\u{0}b".utf8))
            try await terminal.press("q", "q")
            #expect(try await tunnel.ended().isRestored)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    /// A target that does not exist is reported in the log, as it is on standard error without a dashboard.
    @Test func anUnreachableTargetIsInTheLog() async throws {
        try await TestTerminal.with(columns: 160) { terminal in
            try await terminal.command("tpot http unix:/no/such.sock --local")
            // It is also shown on the screen that waits for the first request.
            try await terminal.wait(for: "the target cannot be reached: unix:/no/such.sock")
            try await terminal.press("3")
            try await terminal.wait(for: "the target unix:/no/such.sock cannot be reached: no such socket file")
            try await terminal.wait(for: "connected: http://")
            try await terminal.press("q", "q")
            try await terminal.wait(for: "is closed; 0 requests passed")
        }
    }

    @Test func theDashboardIsResizedDuringTraffic() async throws {
        try await TestTunnel.with { tunnel in
            let terminal = tunnel.terminal
            let visitors = Task {
                var count = 0
                while !Task.isCancelled {
                    count += 1
                    try await tunnel.visit("GET /\(count)")
                }
                return count
            }
            for (columns, rows) in [(40, 10), (130, 40), (20, 4), (200, 50), (39, 7), (100, 30)] {
                try await terminal.resize(columns: columns, rows: rows)
                try await terminal.wait("a picture of \(columns) x \(rows)") { screen in
                    let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
                    guard columns >= 40, rows >= 8 else { return lines[0].hasPrefix("● online") }
                    return lines[0].contains(tunnel.host) && lines[rows - 1].hasPrefix(" q quit")
                }
            }
            visitors.cancel()
            let count = try await visitors.value
            try await terminal.wait("all requests") { $0.replacing(",", with: "").contains("requests \(count) ") }
        }
    }

    /// The bytes are those that a terminal sends.
    @Test func mouseClicksAndPastedTextArrive() async throws {
        try await TestTunnel.with(["TERM": "xterm-256color"]) { tunnel in
            let terminal = tunnel.terminal
            try await tunnel.visit("GET /one")
            try await tunnel.visit("GET /two")
            try await terminal.wait(for: "▸   2 ")
            // Row 6, column 10.
            try await terminal.send(Array("\u{1b}[<0;10;6M\u{1b}[<0;10;6m".utf8))
            try await terminal.wait(for: "▸   1 ")
            try await terminal.press("/")
            try await terminal.send(Array("\u{1b}[200~two\nqq\u{1b}[201~".utf8))
            try await terminal.wait(for: "filter: two qq")
        }
    }
}
