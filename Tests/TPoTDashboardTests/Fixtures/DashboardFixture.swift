import NIOCore
import TPoTCapture
import TPoTInspect
import TestSupport

@testable import TPoTDashboard

/// A dashboard on a capture, without a terminal and a tunnel. Only test traffic moves the clock. Keys come from a
/// script, and a picture is drawn before and after each key.
struct DashboardFixture {
    let store: CaptureStore
    let log = LogBuffer()
    private(set) var state: DashboardState
    private(set) var screen: Screen
    /// The traffic so far. Its time is the clock's.
    private(set) var traffic = Transcript()
    /// Draws for a locale that is not UTF-8.
    var isASCII = false
    var facts = DashboardFacts(target: "http://localhost:8080", utcOffset: { _ in 0 })
    let documents = DocumentCache()
    private let clock = TestClock()

    init(
        width: Int = 80,
        height: Int = 24,
        bodyBytes: Int = 4096,
        memoryBytes: Int = 64 * 1024 * 1024,
        memory: DashboardMemory = DashboardMemory(),
        earlierLine: UInt64? = nil,
        secrets: WebhookSecrets = WebhookSecrets()
    ) {
        store = testStore(
            bodyBytes: bodyBytes,
            memoryBytes: memoryBytes,
            clock,
            earlierLine: earlierLine,
            secrets: secrets
        )
        facts.signing = ReplaySigning(secrets)
        state = DashboardState(size: ScreenSize(width: width, height: height), memory: memory)
        screen = Screen(width: width, height: height)
    }

    var model: DashboardModel {
        DashboardModel(source: store, log: log, facts: facts, now: clock.clock.read(), documents: documents)
    }

    /// Draws the current picture.
    @discardableResult
    mutating func draw() -> DashboardPicture {
        let version = store.version
        var picture = DashboardPicture(&state, model)
        // What the first picture asked of the background is there by now.
        if store.version != version { picture = DashboardPicture(&state, model) }
        let wanted = DashboardView.draw(picture)
        screen = isASCII ? AsciiFallback.screen(wanted) : wanted
        return picture
    }

    mutating func play(_ body: (inout Transcript) -> Void) {
        body(&traffic)
        clock.move(to: traffic.time)
        store.consume(&traffic)
        draw()
    }

    /// The dashboard of the next run, a day later, with the requests of this one below its own.
    func nextRun() -> DashboardFixture {
        var next = DashboardFixture(width: screen.width, height: screen.height, earlierLine: 1000)
        next.traffic.time = traffic.time + 86_400_000
        next.play { _ in }
        let kept = store.page(count: .max).lines.compactMap(\.row?.number)
        next.store.addEarlier(kept.compactMap(store.detail))
        next.draw()
        return next
    }

    mutating func wait(milliseconds: Int) {
        play { $0.time += milliseconds }
    }

    @discardableResult
    mutating func press(_ script: String) throws -> [DashboardCommand] {
        var commands: [DashboardCommand] = []
        for key in try KeyScript.keys(script) { commands += take(.key(key)) }
        return commands
    }

    mutating func post(_ message: DashboardMessage) {
        _ = take(.message(message))
    }

    private mutating func take(_ input: DashboardInput) -> [DashboardCommand] {
        draw()
        let commands = DashboardUpdate.update(&state, input, model)
        for command in commands { perform(command) }
        draw()
        return commands
    }

    /// Performs what the store and the tunnel do at once. The test plays the outcome of all other commands.
    private mutating func perform(_ command: DashboardCommand) {
        switch command {
        case .mark(let number, let isMarked): store.mark(number, isMarked)
        case .clearUnmarked: store.clearUnmarked()
        case .hold(let isHolding): play { $0.tunnel(.holding(isHolding)) }
        default: break
        }
    }
}

extension DashboardFixture {
    /// A row of the picture, without trailing blanks.
    func row(_ row: Int) -> String { screen.text[row] }
    var lastRow: String { screen.text.last ?? "" }
    /// The picture as one text.
    var text: String { screen.text.joined(separator: "\n") }
    /// The row of the selected exchange or conversation.
    var selectedRow: String { screen.text.first { $0.hasPrefix("▸") } ?? "" }
}
