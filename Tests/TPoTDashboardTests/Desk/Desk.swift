import NIOCore
import TPoTCapture
import TestSupport

@testable import TPoTDashboard

/// A dashboard in front of a capture, without terminal and tunnel: the clock stands still until something happens, keys
/// come from a script, and a picture is taken before and after each.
struct Desk {
    let store: CaptureStore
    let log = LogBuffer()
    private(set) var state: DashboardState
    private(set) var screen: Screen
    /// What came so far; its time is the time of day.
    private(set) var traffic = Transcript()
    /// A locale that is not UTF-8.
    var isASCII = false
    var facts = DashboardFacts(target: "http://localhost:8080", utcOffset: { _ in 0 })
    let documents = DocumentCache()
    private let clock = TestClock()

    init(width: Int = 80, height: Int = 24, bodyBytes: Int = 4096, memoryBytes: Int = 64 * 1024 * 1024) {
        store = testStore(bodyBytes: bodyBytes, memoryBytes: memoryBytes, clock)
        state = DashboardState(size: ScreenSize(width: width, height: height))
        screen = Screen(width: width, height: height)
    }

    var model: DashboardModel {
        DashboardModel(source: store, log: log, facts: facts, now: clock.clock.read(), documents: documents)
    }

    /// The picture that the last input or event led to, and when it changes by itself.
    @discardableResult
    mutating func draw() -> DashboardPicture {
        let picture = DashboardPicture(&state, model)
        let wanted = DashboardView.draw(picture)
        screen = isASCII ? AsciiFallback.screen(wanted) : wanted
        return picture
    }

    mutating func happen(_ body: (inout Transcript) -> Void) {
        body(&traffic)
        clock.move(to: traffic.time)
        store.consume(&traffic)
        draw()
    }

    mutating func wait(milliseconds: Int) {
        happen { $0.time += milliseconds }
    }

    @discardableResult
    mutating func press(_ script: String) throws -> [DashboardCommand] {
        var commands: [DashboardCommand] = []
        for key in try KeyScript.keys(script) { commands += take(.key(key)) }
        return commands
    }

    mutating func tell(_ message: DashboardMessage) {
        _ = take(.message(message))
    }

    private mutating func take(_ input: DashboardInput) -> [DashboardCommand] {
        draw()
        let commands = DashboardUpdate.update(&state, input, model)
        for command in commands { obey(command) }
        draw()
        return commands
    }

    /// What the store and the tunnel do at once; all else is for the test to let happen.
    private mutating func obey(_ command: DashboardCommand) {
        switch command {
        case .mark(let number, let isMarked): store.mark(number, isMarked)
        case .clearUnmarked: store.clearUnmarked()
        case .hold(let isHolding): happen { $0.tunnel(.holding(isHolding)) }
        default: break
        }
    }
}

extension Desk {
    /// The row of the picture that stands there, without the blanks at its end.
    func row(_ row: Int) -> String { screen.text[row] }
    var lastRow: String { screen.text.last ?? "" }
    /// The picture as one text.
    var text: String { screen.text.joined(separator: "\n") }
    /// The row of the selected exchange or conversation.
    var selectedRow: String { screen.text.first { $0.hasPrefix("▸") } ?? "" }
}
