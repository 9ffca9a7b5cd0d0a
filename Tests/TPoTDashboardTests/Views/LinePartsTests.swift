import Testing

@testable import TPoTDashboard

@Suite struct LinePartsTests {
    private func line(_ columns: Int) -> String {
        var line = LineParts()
        line.add("tpot", .title, importance: 2)
        line.add("state", .failure, importance: 3)
        line.add("a long reason", .failure, importance: 1, shortest: 6)
        var screen = Screen(width: columns, height: 1)
        line.draw(row: 0, from: 0, to: columns, on: &screen)
        return screen.text[0]
    }

    @Test func aReasonIsCutBeforeItLeaves() {
        #expect(line(40) == "tpot   state   a long reason")
        #expect(line(27) == "tpot   state   a long reas…")
        #expect(line(21) == "tpot   state   a lon…")
        #expect(line(20) == "tpot   state")
        #expect(line(8) == "state")
    }
}
