import TestSupport
import Testing

@testable import TPoTDashboard

@Suite(.timeLimit(.minutes(3))) struct DashboardTests {
    @Test func theFirstPictureIsDrawnAtOnce() async throws {
        let running = RunningDashboard()
        #expect(await running.picture(with: "○ starting") != nil)
        running.play { $0.online() }
        #expect(await running.picture(with: "● online") != nil)
        try running.terminal.type("qq")
        #expect(await running.end() == .quit)
        #expect(running.terminal.now.isClosed)
    }

    @Test func itDrawsOnlyWhenSomethingChanged() async throws {
        let running = RunningDashboard()
        await running.picture(with: "○ starting")
        for _ in 1...100 { running.dashboard.wake() }
        try running.terminal.type("3")
        await running.picture(with: "nothing in the log")
        #expect(running.terminal.now.screens.count == 2)
        #expect(running.alarms.count == 0, "an idle dashboard has no timer")
    }

    @Test func itDrawsAtMostThirtyTimesASecond() async throws {
        let running = RunningDashboard(skipsFrames: false)
        await running.picture(with: "○ starting")
        for _ in 1...50 { try running.terminal.type("23") }
        try await running.settle()
        #expect(running.terminal.now.screens.count == 1, "less than one frame has passed since the first picture")
        running.move(by: 32)
        try await running.settle()
        #expect(running.terminal.now.screens.count == 1)
        running.move(by: 1)
        await running.picture(with: "nothing in the log")
        #expect(running.terminal.now.screens.count == 2, "a hundred keys cause one picture")
    }

    @Test func whileTheTunnelIsUpItTicksOnceASecond() async throws {
        let running = RunningDashboard(FakeTerminal(width: 120), skipsFrames: false)
        await running.picture(with: "○ starting")
        running.play { $0.online() }
        await running.picture(with: "● online")
        let count = running.terminal.now.screens.count
        for seconds in 1...3 {
            running.move(by: 1000)
            await running.picture(with: "up 00:00:0\(seconds)")
        }
        #expect(running.terminal.now.screens.count == count + 3)
    }

    @Test func keysCallActions() async throws {
        let running = RunningDashboard()
        running.play { traffic in
            traffic.online()
            traffic.arrive()
            traffic.ask("POST /a", body: [0x61])
        }
        await running.picture(with: "/a")
        let calls = [
            ("r", "replay 1 1"), ("R3<enter>", "replay 1 3"), ("e", "edit 1"), ("w", "HAR "), ("S", "save 1 false"),
            ("yc", "curl 1"), ("o", "open \(Transcript.url)"), ("p", "hold true"), ("p", "hold false"),
            ("!<c-s>", "remember kept(\"is:failed\", key: 5)"),
        ]
        for (script, call) in calls {
            try running.terminal.type(script)
            #expect(await running.actions.calls.first { _ in true } == call, "\(script)")
        }
        // Only a conversation that has been shown can be closed, so the test waits for the list.
        try running.terminal.type("2")
        await running.picture(with: "▸     2")
        try running.terminal.type("x")
        #expect(await running.actions.calls.first { _ in true } == "close 2")
    }

    @Test func keysReachTheTerminal() async throws {
        let running = RunningDashboard()
        try running.terminal.type("<c-l><c-z>")
        // The picture is redrawn after the program was suspended.
        var requests = running.terminal.requests.makeAsyncIterator()
        for request in ["redraw", "suspend", "redraw"] { #expect(await requests.next() == request) }
    }

    @Test func markingAndClearingChangeTheStore() async throws {
        let running = RunningDashboard()
        running.play { traffic in for path in ["/a", "/b", "/c"] { traffic.visit("GET \(path)") } }
        await running.picture(with: "/c")
        try running.terminal.type("jmXX")
        await running.picture(with: "2 requests cleared; marked ones and open ones stay")
        #expect(running.store.list() == [2])
    }

    @Test func outcomesAreShownAndLogged() async throws {
        let answer = DashboardMessage("1 is not replayed: no", isFailure: true)
        let running = RunningDashboard(FakeTerminal(), FakeActions(answer: answer))
        running.play { $0.visit("GET /a") }
        await running.picture(with: "/a")
        try running.terminal.type("r")
        await running.picture(with: "! 1 is not replayed: no")
        running.dashboard.post(DashboardMessage("all is well"))
        await running.picture(with: "all is well")
        #expect(running.log.lines(0..<9).map(\.text) == ["1 is not replayed: no", "all is well"])
        #expect(running.log.lines(0..<9).map(\.level) == [.warning, .info])
    }

    @Test func aLogLineWakesTheDashboard() async throws {
        let running = RunningDashboard()
        try running.terminal.type("3")
        await running.picture(with: "nothing in the log")
        running.log.append(LogLine(unixNanoseconds: 0, level: .info, text: "something happened"))
        #expect(await running.picture(with: "something happened") != nil)
    }

    @Test(arguments: [
        ("yu", "\(Transcript.url)/a", "URL of 1 copied"), ("yU", Transcript.url, "public URL copied"),
        (
            "yh", "POST /a HTTP/1.1\nHost: localhost:8080\nCookie: [masked]\nContent-Length: 4\n",
            "request head of 1 copied; Cookie masked (--export-secrets leaves it in)"
        ),
        ("yb", "body", "request body of 1 copied"),
        (
            "<enter>2yh", "HTTP/1.1 200 OK\nContent-Type: text/plain; charset=iso-8859-1\nContent-Length: 2\n",
            "response head of 1 copied"
        ),
        ("<enter>2yb", "\u{fc}!", "response body of 1 copied"),
        ("yc", "curl x", "curl command of 1 copied; its body is in /tmp/b"),
    ])
    func yCopiesAndReportsTheOutcome(script: String, text: String, message: String) async throws {
        let curl = CurlText.command("curl x", remark: "its body is in /tmp/b")
        let messages: [(CopyOutcome, String)] = [
            (CopyOutcome(.clipboard), message),
            (CopyOutcome(.tmuxBuffer), message.replacing("copied", with: "copied into tmux's buffer")),
            (CopyOutcome(.terminal), message.replacing("copied", with: "sent to the terminal")),
            (
                CopyOutcome(.terminal, failures: ["xclip is not installed"]),
                message.replacing("copied", with: "sent to the terminal; xclip is not installed")
            ),
            (CopyOutcome(.nowhere), "! this terminal does not take the"),
        ]
        for (outcome, message) in messages {
            let running = RunningDashboard(FakeTerminal(width: 160, copying: outcome), FakeActions(curl: curl))
            running.play { traffic in
                traffic.online()
                traffic.arrive()
                traffic.ask("POST /a", ["Cookie: id=secret"], body: Array("body".utf8))
                traffic.reply("200 OK", ["Content-Type: text/plain; charset=iso-8859-1"], body: [0xfc, 0x21])
            }
            await running.picture(with: "/a")
            try running.terminal.type(script)
            await running.picture(with: message)
            #expect(running.terminal.now.copied == [text])
        }
    }

    @Test func binaryBodiesAreNotCopied() async throws {
        let running = RunningDashboard(
            FakeTerminal(),
            FakeActions(curl: .none(reason: "no curl command for 1: too odd"))
        )
        running.play { traffic in
            traffic.arrive()
            traffic.ask("POST /a", body: [0, 1, 2])
        }
        await running.picture(with: "/a")
        try running.terminal.type("yb")
        await running.picture(with: "! the request body of 1 is missing or is not text")
        try running.terminal.type("yc")
        await running.picture(with: "! no curl command for 1: too odd")
        #expect(running.terminal.now.copied.isEmpty)
    }

    @Test(arguments: [("<terminate>", DashboardEnd.terminate), ("<hangup>", .hangUp), ("<c-c>", .quit)])
    func signalsAndKeysEndTheDashboard(script: String, end: DashboardEnd) async throws {
        let running = RunningDashboard()
        try running.terminal.type(script)
        #expect(await running.end() == end)
        #expect(running.terminal.now.isClosed)
    }

    @Test func theDashboardEndsWhenTheTerminalIsGone() async throws {
        let running = RunningDashboard()
        running.terminal.endKeys()
        #expect(await running.end() == .hangUp)
    }

    @Test func aResizedTerminalGetsAScreenOfItsSize() async throws {
        let running = RunningDashboard()
        try running.terminal.type("<resize:50x9>3")
        let screen = await running.picture(with: "nothing in the log")
        #expect(screen?.size == ScreenSize(width: 50, height: 9))
    }
}
