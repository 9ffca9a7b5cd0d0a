import Testing

@testable import TPoTDashboard

@Suite struct AsciiFallbackTests {
    @Test func everyColumnKeepsItsPlaceAndRole() {
        var screen = Screen(width: 30, height: 3)
        screen.rule(row: 0)
        screen.put("▸ ● ↻ ⇣ → … ▁▂▃▄▅▆▇█", row: 1, column: 0, role: .accent)
        screen.put("größe 日本 e\u{301} 😀|", row: 2, column: 0)
        let ascii = AsciiFallback.screen(screen)
        #expect(
            ascii.text == [
                String(repeating: "-", count: 30), "> * @ v > ~ _.:-=+*#", "gr??e ? ?  e ? |",
            ]
        )
        #expect(ascii.roles == screen.roles)
        #expect(ascii.cells.allSatisfy { $0.width == 1 && $0.base.isASCII && $0.marks.isEmpty })
    }
}
