import Testing

/// What one run of the program keeps, the next one has.
@Suite(.enabled(if: TestTerminal.isAvailable, "tmux is not installed"), .timeLimit(.minutes(3))) struct KeepingTests {
    @Test func filtersAndColumnsLast() async throws {
        try await TestTunnel.with(columns: 140) { tunnel in
            let terminal = tunnel.terminal
            try await tunnel.visit("GET /fail")
            try await terminal.wait(for: "▸   1 ")
            try await terminal.press("/")
            try await terminal.type("is:failed")
            // A terminal that stops its output at ctrl-s would show nothing from here on.
            try await terminal.press("C-s")
            try await terminal.wait(for: "kept as 5")
            try await terminal.press("Enter", "c", "2", "Enter")
            try await terminal.wait(for: "Remote", gone: true)
            try await terminal.press("C-c")
            _ = try await tunnel.ended()

            try await terminal.command("clear; tpot http 1 --local --no-history; echo exit again $?")
            try await terminal.wait(for: "5 is:failed")
            let screen = try await terminal.wait(for: "Request ")
            #expect(!screen.contains("Remote") && screen.contains("Event"))
            try await terminal.press("/", "Up")
            try await terminal.wait(for: " filter: is:failed")
            try await terminal.press("C-c")
            try await terminal.wait(for: "exit again 0")
            #expect(try terminal.text(of: ".tpot/dashboard.json").contains("\"5\": \"is:failed\""))
        }
    }
}
