import Synchronization
import TPoTSystem

/// How the thread tells whoever started it that it is ready, or why it is not.
final class Startup: Sendable {
    private let error = Mutex<TerminalError?>(nil)
    private let wake: Wake

    init() throws(SystemError) {
        wake = try Wake()
    }

    func finish(_ error: TerminalError?) {
        self.error.withLock { $0 = error }
        wake.signal()
    }

    func wait() -> TerminalError? {
        _ = wake.wait(milliseconds: -1)
        return error.withLock { $0 }
    }
}
