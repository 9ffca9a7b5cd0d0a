import Glibc
import TestSupport
import Testing

/// The terminal is completely restored, however the program ends.
@Suite(.serialized, .enabled(if: TestTerminal.isAvailable, "tmux is not installed"), .timeLimit(.minutes(3)))
struct LeavingTests {
    /// The default height in terminal descriptions, and two others.
    private static let heights = [24, 40, 60]

    @Test(arguments: ["q", "C-c"], heights)
    func aKeyQuitsAndRestoresTheTerminal(key: String, rows: Int) async throws {
        try await TestTunnel.with(rows: rows) { tunnel in
            try await tunnel.visit("GET /")
            try await tunnel.terminal.wait(for: "▸   1 ")
            try await tunnel.visit("GET /fail")
            try await tunnel.terminal.wait(for: "▸   2 ")
            #expect(try await tunnel.terminal.modes() == "1 0 1 1")
            try await tunnel.terminal.press(key)
            if key == "q" {
                try await tunnel.terminal.wait(for: "end the tunnel?")
                try await tunnel.terminal.press(key)
            }
            let (screen, isRestored) = try await tunnel.ended()
            #expect(isRestored)
            #expect(screen.hasPrefix("http://\(tunnel.host) is closed; 2 requests passed, 1 of them failed\nexit 0\n"))
        }
    }

    /// If the program does not handle the signal, its exit status is 128 plus the number of the signal.
    @Test(
        arguments: [(SIGINT, 0), (SIGTERM, 0), (SIGHUP, 0), (SIGQUIT, 131), (SIGSEGV, 139), (SIGABRT, 134)],
        heights
    )
    func aSignalEndsTheProgramAndRestoresTheTerminal(by signal: (number: Int32, status: Int), rows: Int) async throws {
        try await TestTunnel.with(rows: rows, ["SWIFT_BACKTRACE": "enable=no"]) { tunnel in
            try await tunnel.visit("GET /")
            try await tunnel.terminal.wait(for: "▸   1 ")
            kill(try await tunnel.terminal.foreground(), signal.number)
            let (screen, isRestored) = try await tunnel.ended()
            #expect(isRestored)
            #expect(screen.contains("exit \(signal.status)\n"))
            #expect(screen.contains("is closed; 1 request passed") == (signal.status == 0))
            // Every mode that was turned on is off again.
            let raw = try tunnel.terminal.rawBytes()
            for mode in ["?2004", "?1049", "?1000"] {
                let on = raw.ranges(of: Array("\u{1b}[\(mode)h".utf8)).last
                let off = raw.ranges(of: Array("\u{1b}[\(mode)l".utf8)).last
                guard let on else { continue }
                #expect(off.map { $0.lowerBound > on.lowerBound } == true, "\(mode)")
            }
        }
    }

    /// - Parameter later: the height of the terminal when the program continues.
    @Test(arguments: [(30, 20), (24, 40), (40, 60), (60, 24)])
    func ctrlZSuspendsAndFgResumes(rows: Int, later: Int) async throws {
        try await TestTunnel.with(rows: rows) { tunnel in
            let terminal = tunnel.terminal
            try await tunnel.visit("GET /before")
            try await terminal.wait(for: "/before")
            try await terminal.press("C-z")
            // The shell continues its command line with `stty -g > after`.
            let (screen, isRestored) = try await tunnel.ended()
            #expect(isRestored && screen.contains("Stopped"))
            try await terminal.resize(columns: 80, rows: later)
            try await terminal.command("fg")
            try await terminal.wait("the dashboard in its new size") { screen in
                let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
                return screen.contains("/before") && lines.count >= later && lines[later - 1].hasPrefix(" q quit")
            }
            try await tunnel.visit("GET /after")
            try await terminal.wait(for: "/after")
            try await terminal.press("q", "q")
            try await terminal.wait(for: "is closed; 2 requests passed")
            #expect(try await terminal.modes() == "0 1 0 0")
            #expect(try await terminal.scrollsAllRows())
        }
    }

    /// An editor may leave the terminal in any state. The dashboard takes it back.
    @Test(arguments: heights) func aFailedEditorSendsNothing(rows: Int) async throws {
        try await TestTunnel.with(rows: rows, ["EDITOR": "no-such-editor", "VISUAL": "./editor"]) { tunnel in
            let terminal = tunnel.terminal
            try await terminal.addProgram(
                "editor",
                "stty sane",
                #"printf '\033[?1049h\033[?25h\033[31m\033[5;9r'"#,
                "echo editing",
                "read -r line",
                "exit 3"
            )
            try await tunnel.visit("GET /one")
            try await terminal.wait(for: "▸   1 ")
            try await terminal.press("e")
            try await terminal.wait(for: "editing")
            try await terminal.resize(columns: 90, rows: rows + 6)
            try await tunnel.visit("GET /meanwhile")
            try await terminal.press("C-c")
            try await terminal.wait(for: "! the editor ended with status")
            try await terminal.wait(for: "/meanwhile")
            #expect(tunnel.received.count == 2, "nothing was sent")
            try await terminal.press("q", "q")
            #expect(try await tunnel.ended().isRestored)
        }
    }

    /// Whether or not the editor ends on SIGTERM, the terminal is restored, and no files of the request are left, not
    /// even those that the editor made.
    @Test(arguments: [SIGTERM, SIGHUP], ["exit 1", ""])
    func aSignalDuringAnEditorRestoresTheTerminal(signal: Int32, answer: String) async throws {
        try await TestTunnel.with(["EDITOR": "./editor", "TMPDIR": "."]) { tunnel in
            let terminal = tunnel.terminal
            try await terminal.addProgram(
                "editor",
                "trap '\(answer)' TERM",
                #"cp "$1" "$1~"; cp "$1" "${1%/*}/.swap"; mkdir "${1%/*}/more"; cp "$1" "${1%/*}/more""#,
                #"printf '\033[?1049h\033[?25l'"#,
                "stty raw; echo $$ > pid; echo editing",
                "while :; do sleep 0.1; done"
            )
            try await tunnel.visit("GET /one", fields: "Cookie: id=secret\r\n")
            try await terminal.wait(for: "▸   1 ")
            try await terminal.press("e")
            try await terminal.wait(for: "editing")
            #expect(try terminal.files().contains { $0.hasPrefix("tpot-") })
            kill(try await terminal.foreground(), signal)
            let (screen, isRestored) = try await tunnel.ended()
            #expect(isRestored && screen.contains("is closed; 1 request passed"))
            #expect(try !terminal.files().contains { $0.hasPrefix("tpot-") })
            #expect(tunnel.received.count == 1, "nothing was sent")
            let editor = try #require(pid_t(try terminal.text(of: "pid").filter(\.isNumber)))
            try await terminal.wait("the end of the editor") { _ in kill(editor, 0) != 0 }
        }
    }

    /// The descriptions of the Linux console and some other terminals have no size.
    @Test(arguments: ["linux", "hurd", "cygwin"])
    func terminalsWithoutASizeInTheirDescriptionWork(name: String) async throws {
        try await TestTunnel.with(rows: 40, ["TERM": name]) { tunnel in
            let terminal = tunnel.terminal
            try await tunnel.visit("GET /one")
            try await terminal.wait("the dashboard") { screen in
                let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
                return screen.contains("▸   1 ") && lines.count >= 40 && lines[39].hasPrefix(" q quit")
            }
            try await terminal.press("q", "q")
            #expect(try await tunnel.ended().isRestored)
        }
    }

    @Test(arguments: ["http 9 --local", "demo", "server --domain localhost --bind 127.0.0.1 --port 0"])
    func withNohupTheProgramOutlivesTheTerminal(command: String) async throws {
        try await TestTerminal.with { terminal in
            try await terminal.command("nohup tpot \(command) > lines 2> errors &")
            var port: Int?
            try await terminal.wait("the port") { _ in
                let text = (try? terminal.text(of: "lines") + terminal.text(of: "errors")) ?? ""
                let found = text.firstMatch(of: /(?:\.localhost|listening on 127\.0\.0\.1):([0-9]+)/)
                port = found.flatMap { Int($0.output.1) }
                return port != nil
            }
            let server = try #require(port)
            try await terminal.command("kill -HUP %1; kill -HUP %1; echo hung up")
            try await terminal.wait(for: "\nhung up\n")
            for _ in 1...20 {
                let visitor = try await RawPeer.connect(port: server)
                visitor.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                #expect(try await visitor.readMessage().hasPrefix("HTTP/1.1 200 "))
            }
            try await terminal.command("kill %1; wait %1; echo exit $?")
            try await terminal.wait(for: "\nexit 0\n")
        }
    }

    @Test func withoutATerminalLinesArePrinted() async throws {
        try await TestTerminal.with { terminal in
            try await terminal.command("tpot http 9 --local > lines 2> errors &")
            try await terminal.wait("the URL") { _ in
                (try? terminal.text(of: "lines"))?.contains("http://") == true
            }
            let lines = try terminal.text(of: "lines")
            #expect(lines.hasPrefix("tpot connected\nhttp://") && !lines.contains("\u{1b}"))
            try await terminal.command("kill %1; clear; tpot http 9 --local --no-ui")
            try await terminal.wait(for: "tpot connected\nhttp://")
            #expect(try await terminal.modes() == "0 1 0 0")
            try await terminal.press("C-c")
            try await terminal.command("clear; TERM=dumb tpot http 9 --local")
            try await terminal.wait(for: "tpot: no dashboard: a terminal of type \"dumb\" cannot show a dashboard")
            try await terminal.wait(for: "tpot connected")
            try await terminal.press("C-c")
            // The screen was cleared, so only the shell's next prompt is there, perhaps after a warning.
            try await terminal.wait(for: "ready$")
        }
    }
}
