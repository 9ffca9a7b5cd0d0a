import Glibc
import Synchronization
import TPoTDashboard
import TPoTSystem

/// The terminal that the program was started in, by ncurses: one thread owns it, and everything here only asks it.
///
/// While it is open, SIGINT, SIGTERM and SIGHUP are keys: the owner decides what they mean. A SIGHUP that was ignored
/// before stays ignored.
package final class Terminal: DashboardTerminal {
    package let keys: AsyncStream<Key>
    private let mailbox: TerminalMailbox
    private let ended: Wake
    private let hasClipboard: Bool

    /// How long ``close()`` waits for a terminal that takes no output.
    private static let farewellMilliseconds: Int32 = 2000
    private static let isOpen = Atomic<Bool>(false)

    /// Opens it, or says why there can be no dashboard here.
    ///
    /// `NO_COLOR` and `TERM` are respected; the terminal's colours are used, and attributes alone where it has none.
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
        let (keys, found) = AsyncStream<Key>.makeStream()
        let mailbox = try TerminalError.naming(TerminalMailbox.init)
        let ended = try TerminalError.naming(Wake.init)
        self.keys = keys
        self.mailbox = mailbox
        self.ended = ended
        // These show the sequence, or do not know where it ends.
        hasClipboard = !name.hasPrefix("linux") && !name.hasPrefix("vt")
        let startup = try TerminalError.naming(Startup.init)
        let run = { @Sendable in
            do throws(TerminalError) {
                let loop = try TerminalLoop(mailbox: mailbox, found: found, terminal: name, useColors: useColors)
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
        if ended.wait(milliseconds: Self.farewellMilliseconds) { return }
        // The terminal does not take what is written, perhaps because its line is dead: throw that away.
        tcflush(STDOUT_FILENO, TCOFLUSH)
        if ended.wait(milliseconds: Self.farewellMilliseconds) { return }
        CrashRestore.giveBack()
    }
}
