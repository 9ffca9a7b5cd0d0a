import TestSupport
import Testing

@testable import TPoTDashboard

/// Random keys during random events never trap, and every picture is valid.
@Suite struct MonkeyTests {
    private static let keys =
        [
            "up", "down", "left", "right", "pgup", "pgdn", "home", "end", "enter", "esc", "esc", "tab", "s-tab", "bs",
            "del", "wheel-up:3,3", "wheel-down:18,9", "click:2,20", "click:5,5", "click:11,40", "click:23,30",
            "click:1,60", "release:9,9", "release:20,1", "paste:5xx \u{1b}",
            "c-u", "c-s",
            "c-w", "resize:80x24", "resize:120x36", "resize:40x8", "resize:39x7", "resize:63x15", "resize:1x1", "space",
        ].map { "<\($0)>" } + "jjjkkkgG123prReRdd/nNbywmXxoQ?q56789!:+-s4tc".map(String.init)

    private static let scenes = Scenes.all.filter { !["10,000 visits"].contains($0.key) }.sorted { $0.key < $1.key }

    @Test(arguments: 0..<4)
    func randomKeysDuringRandomEventsGiveValidPictures(_ run: Int) throws {
        let seed = testSeed("monkey")
        var random = SeededRandom(seed: seed)
        var dashboard = DashboardFixture(bodyBytes: 300, memoryBytes: 100_000)
        for step in 0..<1200 {
            if random.next(upTo: 3) == 0 {
                Self.scenes[Int(random.next(upTo: UInt64(Self.scenes.count)))].value(&dashboard)
            }
            let commands = try dashboard.press(Self.keys[Int(random.next(upTo: UInt64(Self.keys.count)))])
            // Most of the requested replays arrive.
            if case .replay(let number, _, _) = commands.first, random.next(upTo: 4) > 0 {
                dashboard.play { $0.visit("GET /again", replayOf: number) }
            }
            check(dashboard, "seed \(seed) step \(step)")
        }
    }

    private func check(_ dashboard: DashboardFixture, _ place: Comment) {
        let screen = dashboard.screen
        #expect(screen.size == dashboard.state.size, place)
        for cell in screen.cells {
            guard DisplayWidth.kind(of: cell.base) != .forbidden else {
                Issue.record("U+\(String(cell.base.value, radix: 16)) on the screen: \(place)")
                return
            }
        }
        if let cursor = screen.cursor {
            #expect(0..<screen.height ~= cursor.row && 0..<screen.width ~= cursor.column, place)
        }
        // Keys act on the row that is shown as selected.
        guard dashboard.state.context == .requests, dashboard.state.overlay == nil,
            let selected = dashboard.state.selected
        else {
            return
        }
        #expect(
            dashboard.selectedRow.isEmpty
                || dashboard.selectedRow.drop { "▸★◆├└↻ ".contains($0) }.hasPrefix("\(selected) "),
            place
        )
    }
}
