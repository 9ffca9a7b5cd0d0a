import Synchronization
import TPoTDashboard
import TPoTSystem

/// Requests from other threads to the terminal's thread. A new screen replaces one that was not drawn yet.
final class TerminalMailbox: Sendable {
    enum Command: Sendable {
        case redraw, ring, suspend, close
        /// Writes an escape sequence. It must not contain raw bytes from the network.
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
        // Otherwise the thread was already woken for the previous screen.
        if isFirst { wake.signal() }
    }

    func takeScreen() -> Screen? {
        state.withLock { $0.screen.take() }
    }

    /// - Returns: false if the mailbox is closed and the command will not be read.
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

    /// Accepts no more commands. Waiting requests for an editor fail.
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
