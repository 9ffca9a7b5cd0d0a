import Synchronization

@testable import TPoTDashboard

/// A terminal in memory. It records what was drawn and copied, and types the keys of scripts.
final class FakeTerminal: DashboardTerminal {
    struct State {
        var size: ScreenSize
        var screens: [Screen] = []
        var copied: [String] = []
        var isClosed = false
    }

    let keys: AsyncStream<Key>
    /// The drawn screens.
    let drawn: AsyncStream<Screen>
    /// The calls of `redraw` and `suspend`.
    let requests: AsyncStream<String>
    private let typed: AsyncStream<Key>.Continuation
    private let shown: AsyncStream<Screen>.Continuation
    private let requested: AsyncStream<String>.Continuation
    private let state: Mutex<State>
    private let outcome: CopyOutcome

    init(width: Int = 80, height: Int = 24, copying outcome: CopyOutcome = CopyOutcome(.clipboard)) {
        (keys, typed) = AsyncStream.makeStream()
        (drawn, shown) = AsyncStream.makeStream()
        (requests, requested) = AsyncStream.makeStream()
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

    /// Ends the keys as if the terminal had gone away.
    func endKeys() { typed.finish() }

    var size: ScreenSize { now.size }

    func draw(_ screen: Screen) {
        state.withLock { $0.screens.append(screen) }
        shown.yield(screen)
    }

    func redraw() { requested.yield("redraw") }

    func ring() {}

    func copy(_ text: String) async -> CopyOutcome {
        state.withLock { $0.copied.append(text) }
        return outcome
    }

    func edit(_ command: [String]) async throws(EditorError) -> Int32 { throw .closed }

    func suspend() {
        requested.yield("suspend")
        typed.yield(.resumed)
    }

    func close() {
        state.withLock { $0.isClosed = true }
        typed.finish()
        shown.finish()
    }
}
