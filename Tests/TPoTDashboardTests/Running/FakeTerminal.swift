import Synchronization

@testable import TPoTDashboard

/// A terminal in memory: keeps what was drawn and copied, types what a script says, and edits as it is told.
final class FakeTerminal: DashboardTerminal {
    struct State {
        var size: ScreenSize
        var screens: [Screen] = []
        var copied: [String] = []
        var isClosed = false
    }

    let keys: AsyncStream<Key>
    /// What is drawn, as it is drawn.
    let drawn: AsyncStream<Screen>
    /// `redraw` and `suspend`, as they are asked for.
    let wishes: AsyncStream<String>
    private let typed: AsyncStream<Key>.Continuation
    private let shown: AsyncStream<Screen>.Continuation
    private let wished: AsyncStream<String>.Continuation
    private let state: Mutex<State>
    private let outcome: CopyOutcome

    init(width: Int = 80, height: Int = 24, copying outcome: CopyOutcome = CopyOutcome(.clipboard)) {
        (keys, typed) = AsyncStream.makeStream()
        (drawn, shown) = AsyncStream.makeStream()
        (wishes, wished) = AsyncStream.makeStream()
        state = Mutex(State(size: ScreenSize(width: width, height: height)))
        self.outcome = outcome
    }

    var now: State { state.withLock { $0 } }

    func type(_ script: String) throws {
        for key in try KeyScript.keys(script) {
            if case .resize(let width, let height) = key {
                state.withLock { $0.size = ScreenSize(width: width, height: height) }
            }
            typed.yield(key)
        }
    }

    /// The terminal goes away.
    func endKeys() { typed.finish() }

    var size: ScreenSize { now.size }

    func draw(_ screen: Screen) {
        state.withLock { $0.screens.append(screen) }
        shown.yield(screen)
    }

    func redraw() { wished.yield("redraw") }

    func ring() {}

    func copy(_ text: String) async -> CopyOutcome {
        state.withLock { $0.copied.append(text) }
        return outcome
    }

    func edit(_ command: [String]) async throws(EditorError) -> Int32 { throw .closed }

    func suspend() {
        wished.yield("suspend")
        typed.yield(.resumed)
    }

    func close() {
        state.withLock { $0.isClosed = true }
        typed.finish()
        shown.finish()
    }
}
