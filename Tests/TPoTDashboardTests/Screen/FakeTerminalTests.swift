import Testing

@testable import TPoTDashboard

@Suite struct FakeTerminalTests {
    @Test func typedKeysArriveAndTheLastScreenIsKept() async throws {
        let terminal = FakeTerminal(width: 10, height: 2)
        try terminal.type("q<resize:20x5>")
        terminal.draw(Screen(terminal.size))
        let status = try await terminal.edit(["vi", "file"])
        terminal.close()
        var keys: [Key] = []
        for await key in terminal.keys { keys.append(key) }
        #expect(keys == [.character("q"), .resize(width: 20, height: 5)])
        #expect(terminal.screen?.size == ScreenSize(width: 20, height: 5))
        #expect(status == 0)
        #expect(terminal.now.edited == [["vi", "file"]])
        #expect(terminal.now.isClosed)
    }
}
