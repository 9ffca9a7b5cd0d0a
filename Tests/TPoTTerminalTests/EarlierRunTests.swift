import Testing

/// What an earlier run captured, in the next one and without a tunnel.
@Suite(.enabled(if: TestTerminal.isAvailable, "tmux is not installed"), .timeLimit(.minutes(3)))
struct EarlierRunTests {
    @Test func requestsOfAnEarlierRunAreReadMarkedAndSentAgain() async throws {
        try await TestTunnel.with(columns: 120) { tunnel in
            let terminal = tunnel.terminal
            try await tunnel.visit("GET /first")
            try await tunnel.visit("GET /fail")
            try await terminal.wait(for: "▸   2 ")
            try await terminal.press("m")
            try await terminal.wait(for: "★  2")
            try await terminal.press("C-c")
            _ = try await tunnel.ended()

            try await terminal.command("clear; tpot http \(tunnel.targetPort) --local; echo exit again $?")
            try await terminal.wait(for: " and before ──")
            try await terminal.wait(for: "★  2")
            try await terminal.press("r")
            try await terminal.wait(for: "still failing")
            let received = tunnel.received.compactMap { $0.split(separator: " ").dropFirst().first }
            #expect(received == ["/first", "/fail", "/fail"])
            try await terminal.press("w")
            try await terminal.wait(for: "requests written to")
            try await terminal.press("C-c")
            try await terminal.wait(for: "exit again 0")

            try await terminal.command("clear; tpot open --target \(tunnel.targetPort); echo exit open $?")
            try await terminal.wait(for: "history → localhost:\(tunnel.targetPort)")
            try await terminal.press("j", "j", "r")
            try await terminal.wait(for: "as captured")
            // The row is there before the target has the request.
            try await terminal.wait("the target's answer") { _ in tunnel.received.count == 4 }
            // There is nothing to ask: no tunnel ends.
            try await terminal.press("q")
            try await terminal.wait(for: "exit open 0")

            try await terminal.command("clear; tpot open tpot-*.har; echo exit file $?")
            try await terminal.wait(for: "without a target")
            let screen = try await terminal.wait(for: "/first")
            #expect(screen.contains("★") && screen.contains(".har"))
            try await terminal.press("r")
            try await terminal.wait(for: "there is no target: start with --target")
            try await terminal.press("p")
            try await terminal.wait(for: "there is no tunnel to hold")
            try await terminal.press("q")
            try await terminal.wait(for: "exit file 0")
        }
    }

    @Test func whatCannotBeOpenedIsNamed() async throws {
        try await TestTerminal.with { terminal in
            try await terminal.command("echo '{}' > a.har; tpot open a.har; echo exit a $?")
            #expect(try await terminal.wait(for: "exit a 65").contains("a.har"))
            try await terminal.command("tpot open none.har; echo exit b $?")
            #expect(try await terminal.wait(for: "exit b 65").contains("none.har: No such file"))
            try await terminal.command("tpot open | cat; echo exit c $?")
            #expect(try await terminal.wait(for: "exit c 0").contains("there is no history yet"))
        }
    }
}
