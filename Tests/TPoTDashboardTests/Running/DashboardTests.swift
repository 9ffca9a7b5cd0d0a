import TestSupport
import Testing

@testable import TPoTDashboard

@Suite(.timeLimit(.minutes(3))) struct DashboardTests {
    @Test func theFirstPictureComesAtOnce() async throws {
        let stage = Stage()
        #expect(await stage.picture(with: "○ starting") != nil)
        stage.happen { $0.online() }
        #expect(await stage.picture(with: "● online") != nil)
        try stage.terminal.type("q")
        #expect(await stage.end() == .quit)
        #expect(stage.terminal.now.isClosed)
    }

    @Test func itDrawsOnlyWhenSomethingChanged() async throws {
        let stage = Stage()
        await stage.picture(with: "○ starting")
        for _ in 1...100 { stage.dashboard.wake() }
        try stage.terminal.type("3")
        await stage.picture(with: "nothing in the log")
        #expect(stage.terminal.now.screens.count == 2)
        #expect(stage.alarms.count == 0, "idle, it does not even wait for a time")
    }

    @Test func itDrawsThirtyTimesASecondAtMost() async throws {
        let stage = Stage(skipsFrames: false)
        await stage.picture(with: "○ starting")
        for _ in 1...50 { try stage.terminal.type("23") }
        try await stage.settle()
        #expect(stage.terminal.now.screens.count == 1, "the first picture is not a frame old")
        stage.move(by: 32)
        try await stage.settle()
        #expect(stage.terminal.now.screens.count == 1)
        stage.move(by: 1)
        await stage.picture(with: "nothing in the log")
        #expect(stage.terminal.now.screens.count == 2, "a hundred keys are one picture")
    }

    @Test func whileTheTunnelIsUpItTicksOnceASecond() async throws {
        let stage = Stage(FakeTerminal(width: 120), skipsFrames: false)
        await stage.picture(with: "○ starting")
        stage.happen { $0.online() }
        await stage.picture(with: "● online")
        let count = stage.terminal.now.screens.count
        for seconds in 1...3 {
            stage.move(by: 1000)
            await stage.picture(with: "up 00:00:0\(seconds)")
        }
        #expect(stage.terminal.now.screens.count == count + 3)
    }

    @Test func keysReachTheRestOfTheProgram() async throws {
        let stage = Stage()
        stage.happen { traffic in
            traffic.online()
            traffic.arrive()
            traffic.ask("GET /a")
        }
        await stage.picture(with: "/a")
        let calls = [
            ("r", "replay 1 1"), ("R3<enter>", "replay 1 3"), ("e", "edit 1"), ("w", "HAR "), ("yc", "curl 1"),
            ("o", "open \(Transcript.url)"), ("p", "hold true"), ("p", "hold false"),
        ]
        for (script, call) in calls {
            try stage.terminal.type(script)
            #expect(await stage.actions.calls.first { _ in true } == call, "\(script)")
        }
        // What was never shown is not closed.
        try stage.terminal.type("2")
        await stage.picture(with: "▸     2")
        try stage.terminal.type("x")
        #expect(await stage.actions.calls.first { _ in true } == "close 2")
    }

    @Test func keysReachTheTerminal() async throws {
        let stage = Stage()
        try stage.terminal.type("<c-l><c-z>")
        // Back from being suspended the picture is drawn anew.
        var wishes = stage.terminal.wishes.makeAsyncIterator()
        for wish in ["redraw", "suspend", "redraw"] { #expect(await wishes.next() == wish) }
    }

    @Test func marksAndClearingReachTheStore() async throws {
        let stage = Stage()
        stage.happen { traffic in for path in ["/a", "/b", "/c"] { traffic.visit("GET \(path)") } }
        await stage.picture(with: "/c")
        try stage.terminal.type("jmX")
        await stage.picture(with: "2 requests cleared; marked ones and open ones stay")
        #expect(stage.store.list() == [2])
    }

    @Test func outcomesAreToldAndStandInTheLog() async throws {
        let answer = DashboardMessage("1 is not replayed: no", isFailure: true)
        let stage = Stage(FakeTerminal(), FakeActions(answer: answer))
        stage.happen { $0.visit("GET /a") }
        await stage.picture(with: "/a")
        try stage.terminal.type("r")
        await stage.picture(with: "! 1 is not replayed: no")
        stage.dashboard.post(DashboardMessage("all is well"))
        await stage.picture(with: "all is well")
        #expect(stage.log.lines(0..<9).map(\.text) == ["1 is not replayed: no", "all is well"])
        #expect(stage.log.lines(0..<9).map(\.level) == [.warning, .info])
    }

    @Test func theLogWakesIt() async throws {
        let stage = Stage()
        try stage.terminal.type("3")
        await stage.picture(with: "nothing in the log")
        stage.log.append(LogLine(unixNanoseconds: 0, level: .info, text: "something happened"))
        #expect(await stage.picture(with: "something happened") != nil)
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
    func copying(script: String, text: String, message: String) async throws {
        let curl = CurlText.command("curl x", remark: "its body is in /tmp/b")
        let told: [(CopyOutcome, String)] = [
            (CopyOutcome(.clipboard), message),
            (CopyOutcome(.tmuxBuffer), message.replacing("copied", with: "copied into tmux's buffer")),
            (CopyOutcome(.terminal), message.replacing("copied", with: "sent to the terminal")),
            (
                CopyOutcome(.terminal, failures: ["xclip is not installed"]),
                message.replacing("copied", with: "sent to the terminal; xclip is not installed")
            ),
            (CopyOutcome(.nowhere), "! this terminal does not take the"),
        ]
        for (outcome, message) in told {
            let stage = Stage(FakeTerminal(width: 160, copying: outcome), FakeActions(curl: curl))
            stage.happen { traffic in
                traffic.online()
                traffic.arrive()
                traffic.ask("POST /a", ["Cookie: id=secret"], body: Array("body".utf8))
                traffic.reply("200 OK", ["Content-Type: text/plain; charset=iso-8859-1"], body: [0xfc, 0x21])
            }
            await stage.picture(with: "/a")
            try stage.terminal.type(script)
            await stage.picture(with: message)
            #expect(stage.terminal.now.copied == [text])
        }
    }

    @Test func whatIsNoTextIsNotCopied() async throws {
        let stage = Stage(FakeTerminal(), FakeActions(curl: .none(reason: "no curl command for 1: too odd")))
        stage.happen { traffic in
            traffic.arrive()
            traffic.ask("POST /a", body: [0, 1, 2])
        }
        await stage.picture(with: "/a")
        try stage.terminal.type("yb")
        await stage.picture(with: "! the request body of 1 is missing or is not text")
        try stage.terminal.type("yc")
        await stage.picture(with: "! no curl command for 1: too odd")
        #expect(stage.terminal.now.copied.isEmpty)
    }

    @Test(arguments: [("<terminate>", DashboardEnd.terminate), ("<hangup>", .hangUp), ("<c-c>", .quit)])
    func howItEnds(script: String, end: DashboardEnd) async throws {
        let stage = Stage()
        try stage.terminal.type(script)
        #expect(await stage.end() == end)
        #expect(stage.terminal.now.isClosed)
    }

    @Test func aTerminalThatGoesEndsIt() async throws {
        let stage = Stage()
        stage.terminal.endKeys()
        #expect(await stage.end() == .hangUp)
    }

    @Test func anotherSizeIsDrawnInThatSize() async throws {
        let stage = Stage()
        try stage.terminal.type("<resize:50x9>3")
        let screen = await stage.picture(with: "nothing in the log")
        #expect(screen?.size == ScreenSize(width: 50, height: 9))
    }
}
