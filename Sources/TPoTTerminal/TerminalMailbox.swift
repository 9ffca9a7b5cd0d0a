import Synchronization
import TPoTDashboard
import TPoTSystem

/// What other threads want from the terminal's thread. The latest screen replaces one that was not drawn yet.
final class TerminalMailbox: Sendable {
    enum Command: Sendable {
        case redraw, ring, suspend, close
        /// An escape sequence of our own making.
        case write([UInt8])
        case edit([String], CheckedContinuation<Result<Int32, EditorError>, Never>)
        case editorEnded(status: Int32)
    }

    private struct State {
        var screen: Screen?
        var commands: [Command] = []
        var size = ScreenSize(width: 0, height: 0)
        var isClosed = false
    }

    let wake: Wake
    private let state = Mutex(State())

    init() throws(SystemError) {
        wake = try Wake()
    }

    var size: ScreenSize {
        get { state.withLock { $0.size } }
        set { state.withLock { $0.size = newValue } }
    }

    func put(_ screen: Screen) {
        let isFirst = state.withLock { state in
            defer { state.screen = screen }
            return state.screen == nil
        }
        // The thread has been told of the one before.
        if isFirst { wake.signal() }
    }

    func takeScreen() -> Screen? {
        state.withLock { $0.screen.take() }
    }

    /// - Returns: false if nobody will ever read it.
    @discardableResult
    func post(_ command: Command) -> Bool {
        let isOpen = state.withLock { state in
            if !state.isClosed { state.commands.append(command) }
            return !state.isClosed
        }
        wake.signal()
        return isOpen
    }

    func takeCommands() -> [Command] {
        state.withLock { state in
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// Takes no more commands. Editors that were asked for are refused.
    func close() {
        let left = state.withLock { state in
            state.isClosed = true
            state.screen = nil
            defer { state.commands = [] }
            return state.commands
        }
        for case .edit(_, let continuation) in left {
            continuation.resume(returning: .failure(.closed))
        }
    }
}
