import Glibc
import Synchronization
import TPoTDashboard
import TPoTSystem

/// The terminal in which the program was started, driven by ncurses. One thread owns it; the methods here send requests
/// to that thread.
///
/// While it is open, SIGINT, SIGTERM and SIGHUP arrive as keys, and the caller decides what they mean. A SIGHUP that
/// was ignored before stays ignored.
package final class Terminal: DashboardTerminal {
    package let keys: AsyncStream<Key>
    private let mailbox: TerminalMailbox
    private let ended: Wake
    private let hasClipboard: Bool

    /// How long ``close()`` waits for a terminal that accepts no output.
    private static let closeMilliseconds: Int32 = 2000
    private static let isOpen = Atomic<Bool>(false)

    /// Opens the terminal. Throws if a dashboard is not possible.
    ///
    /// `NO_COLOR` and `TERM` are respected. A terminal without colours shows attributes only.
    package static func open() throws(TerminalError) -> Terminal {
        let name = Environment.value("TERM") ?? ""
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw .notATerminal }
        guard !name.isEmpty, name != "dumb" else { throw .cannotMoveTheCursor(name: name) }
        guard !isOpen.exchange(true, ordering: .sequentiallyConsistent) else { throw .alreadyOpen }
        do {
            return try Terminal(name: name, useColors: Environment.value("NO_COLOR") == nil)
        } catch {
            isOpen.store(false, ordering: .sequentiallyConsistent)
            throw error
        }
    }

    private init(name: String, useColors: Bool) throws(TerminalError) {
        let (keys, keyContinuation) = AsyncStream<Key>.makeStream()
        let mailbox = try TerminalError.naming(TerminalMailbox.init)
        let ended = try TerminalError.naming(Wake.init)
        self.keys = keys
        self.mailbox = mailbox
        self.ended = ended
        // These terminals show the sequence as text, or do not recognise its end.
        hasClipboard = !name.hasPrefix("linux") && !name.hasPrefix("vt")
        let startup = try TerminalError.naming(Startup.init)
        let run = { @Sendable in
            do throws(TerminalError) {
                let loop = try TerminalLoop(
                    mailbox: mailbox,
                    keyContinuation: keyContinuation,
                    terminal: name,
                    useColors: useColors
                )
                startup.finish(nil)
                loop.run()
                Terminal.isOpen.store(false, ordering: .sequentiallyConsistent)
                ended.signal()
            } catch {
                startup.finish(error)
            }
        }
        try TerminalError.naming { () throws(SystemError) in try SystemThread.start(run) }
        if let error = startup.wait() { throw error }
    }

    package var size: ScreenSize { mailbox.size }

    package func draw(_ screen: Screen) {
        mailbox.put(screen)
    }

    package func redraw() {
        mailbox.post(.redraw)
    }

    package func ring() {
        mailbox.post(.ring)
    }

    package func copy(_ text: String) async -> CopyOutcome {
        var failures: [String] = []
        for program in ClipboardProgram.all(Environment.value) {
            guard let failure = await program.take(text) else { return CopyOutcome(program.place) }
            if program.isExpected { failures.append(failure) }
        }
        guard hasClipboard, let sequence = Clipboard.sequence(for: text), mailbox.post(.write(sequence)) else {
            return CopyOutcome(.nowhere, failures: failures)
        }
        return CopyOutcome(.terminal, failures: failures)
    }

    package func edit(_ command: [String]) async throws(EditorError) -> Int32 {
        let result = await withCheckedContinuation { continuation in
            if !mailbox.post(.edit(command, continuation)) { continuation.resume(returning: .failure(.closed)) }
        }
        return try result.get()
    }

    package func suspend() {
        mailbox.post(.suspend)
    }

    package func close() {
        mailbox.post(.close)
        if ended.wait(milliseconds: Self.closeMilliseconds) { return }
        // The terminal accepts no output, perhaps because its connection is lost. Discard the pending output.
        tcflush(STDOUT_FILENO, TCOFLUSH)
        if ended.wait(milliseconds: Self.closeMilliseconds) { return }
        CrashRestore.restoreTerminal()
    }
}

/// With this the terminal's thread reports to its starter that it is ready, or why it failed.
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
