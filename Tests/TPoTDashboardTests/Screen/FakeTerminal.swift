import Synchronization

@testable import TPoTDashboard

/// A terminal in memory: keeps what was drawn and copied, types what a script says, and edits as it is told.
final class FakeTerminal: DashboardTerminal {
    struct State {
        var size: ScreenSize
        var screens: [Screen] = []
        var copied: [String] = []
        var edited: [[String]] = []
        var rings = 0
        var redraws = 0
        var suspensions = 0
        var isClosed = false
    }

    let keys: AsyncStream<Key>
    private let typed: AsyncStream<Key>.Continuation
    private let state: Mutex<State>
    private let editor: @Sendable ([String]) throws(EditorError) -> Int32

    /// - Parameter editor: stands for the program that is started; it may change the file.
    init(
        width: Int = 80,
        height: Int = 24,
        editor: @escaping @Sendable ([String]) throws(EditorError) -> Int32 = { _ throws(EditorError) in 0 }
    ) {
        (keys, typed) = AsyncStream.makeStream()
        state = Mutex(State(size: ScreenSize(width: width, height: height)))
        self.editor = editor
    }

    var now: State { state.withLock { $0 } }
    var screen: Screen? { now.screens.last }

    func type(_ script: String) throws {
        for key in try KeyScript.keys(script) {
            if case .resize(let width, let height) = key {
                state.withLock { $0.size = ScreenSize(width: width, height: height) }
            }
            typed.yield(key)
        }
    }

    var size: ScreenSize { now.size }

    func draw(_ screen: Screen) {
        state.withLock { $0.screens.append(screen) }
    }

    func redraw() {
        state.withLock { $0.redraws += 1 }
    }

    func ring() {
        state.withLock { $0.rings += 1 }
    }

    func copy(_ text: String) -> Bool {
        state.withLock { $0.copied.append(text) }
        return true
    }

    func edit(_ command: [String]) async throws(EditorError) -> Int32 {
        state.withLock { $0.edited.append(command) }
        return try editor(command)
    }

    func suspend() {
        state.withLock { $0.suspensions += 1 }
        typed.yield(.resumed)
    }

    func close() {
        state.withLock { $0.isClosed = true }
        typed.finish()
    }
}
