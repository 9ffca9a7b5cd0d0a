import Glibc
import TPoTDashboard
import TPoTSystem

/// The loop of the terminal's thread. It sleeps until there is a key, a signal or a command, and handles it.
///
///     stdin ─────► KeyReader ──► keys
///     signals ──► SignalInbox ─┐
///     draw, … ──► Mailbox ─────┴─ eventfd ──► here ──► CursesScreen ──► stdout
final class TerminalLoop {
    /// How long an editor may take to end after SIGTERM.
    private static let editorMilliseconds: Int64 = 1000

    private enum Mode {
        case showing
        case lent(EditorProcess, CheckedContinuation<Result<Int32, EditorError>, Never>)
        /// The terminal is lost. The loop only waits for ``TerminalMailbox/Command/close``.
        case gone
    }

    private let mailbox: TerminalMailbox
    private let curses: CursesScreen
    private let keys: KeyReader
    private let keyContinuation: AsyncStream<Key>.Continuation
    private let previousSignals: SignalInbox.Previous
    private var mode = Mode.showing
    private var shown: Screen?
    /// When an editor that is being ended will be killed.
    private var closing: Int64?
    private var isClosed = false
    private var emptyReads = 0

    init(
        mailbox: TerminalMailbox,
        keyContinuation: AsyncStream<Key>.Continuation,
        terminal name: String,
        useColors: Bool
    ) throws(TerminalError) {
        self.mailbox = mailbox
        self.keyContinuation = keyContinuation
        previousSignals = SignalInbox.install(waking: mailbox.wake)
        do {
            curses = try CursesScreen(terminal: name, useColors: useColors)
        } catch {
            SignalInbox.restore(previousSignals)
            throw error
        }
        // ncurses has replaced some of the handlers.
        SignalInbox.handleAll()
        keys = KeyReader(window: curses.input)
        let size = curses.size
        curses.resize(to: size)
        mailbox.size = size
    }

    func run() {
        while !isClosed {
            handleSignals()
            for command in mailbox.takeCommands() { perform(command) }
            draw()
            if !isClosed { sleep() }
        }
        // Commands are refused before the terminal is restored, because an editor must not be started now.
        mailbox.close()
        endEditor()
        curses.close()
        SignalInbox.restore(previousSignals)
        keyContinuation.finish()
    }

    // MARK: Sleeping and drawing

    private func sleep() {
        var isGone = false
        if case .gone = mode { isGone = true }
        var isLent = false
        if case .lent = mode { isLent = true }
        // While another program has the terminal, the keys belong to it.
        var entries = [
            pollfd(fd: mailbox.wake.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: isGone || isLent ? -1 : STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&entries, 2, timeout) >= 0 else { return }
        if entries[0].revents != 0 { mailbox.wake.drain() }
        guard !isGone, !isLent else { return }
        var sawInput = false
        for key in keys.read(sawInput: &sawInput) { keyContinuation.yield(key) }
        emptyReads = entries[1].revents == 0 || sawInput ? 0 : emptyReads + 1
        // A lost terminal may also be readable forever without any input.
        if Int32(entries[1].revents) & (POLLHUP | POLLERR | POLLNVAL) != 0 || emptyReads > 20 { lost() }
    }

    private var timeout: Int32 {
        var timeout = keys.timeout
        if let closing {
            let left = Int32(clamping: max(closing - MonotonicClock.milliseconds(), 0))
            timeout = timeout < 0 ? left : min(timeout, left)
        }
        return timeout
    }

    private func draw() {
        if let closing, MonotonicClock.milliseconds() >= closing { isClosed = true }
        guard case .showing = mode, !isClosed else { return }
        guard let screen = mailbox.takeScreen() else { return }
        curses.draw(screen)
        shown = screen
    }

    private func redraw() {
        guard case .showing = mode else { return }
        curses.forget()
        guard let screen = mailbox.takeScreen() ?? shown else { return }
        curses.draw(screen)
        shown = screen
    }

    // MARK: Commands

    private func perform(_ command: TerminalMailbox.Command) {
        switch command {
        case .redraw: redraw()
        case .ring: if case .showing = mode { curses.ring() }
        case .suspend: suspend()
        case .write(let bytes): if case .showing = mode { TerminalSequence.write(bytes) }
        case .edit(let arguments, let continuation): lend(arguments, continuation)
        case .editorEnded(let status): editorEnded(status)
        case .close: close()
        }
    }

    private func close() {
        guard case .lent(let editor, _) = mode else {
            isClosed = true
            return
        }
        guard closing == nil else { return }
        editor.terminate()
        closing = MonotonicClock.milliseconds() + Self.editorMilliseconds
    }

    private func lost() {
        mode = .gone
        keyContinuation.yield(.hangUp)
    }

    // MARK: Signals

    private func handleSignals() {
        let bits = SignalInbox.take()
        if bits.isEmpty { return }
        if bits.contains(.interrupt) { keyContinuation.yield(.ctrl("c")) }
        if bits.contains(.terminate) { keyContinuation.yield(.terminate) }
        if bits.contains(.hangUp) { hungUp() }
        if bits.contains(.stop) { suspend() }
        if bits.contains(.continued) {
            // The process was stopped by SIGSTOP, which cannot be handled. Other programs may have changed the
            // terminal.
            if case .showing = mode {
                curses.lend()
                takeBackTerminal()
            }
            keyContinuation.yield(.resumed)
        }
        if bits.contains(.sizeChanged) { sizeChanged() }
    }

    private func hungUp() {
        switch mode {
        case .showing: lost()
        // The editor must end before the terminal is given up.
        case .lent: keyContinuation.yield(.hangUp)
        case .gone: break
        }
    }

    private func sizeChanged() {
        guard case .showing = mode else { return }
        let size = curses.size
        guard size != mailbox.size else { return }
        curses.resize(to: size)
        mailbox.size = size
        keyContinuation.yield(.resize(width: size.width, height: size.height))
    }

    private func suspend() {
        guard case .showing = mode else { return }
        curses.lend()
        // Stops the rest of the job first, as the terminal would have done. raise() then stops this process before it
        // returns, so that nothing else runs in between.
        SignalInbox.ignore(SIGTSTP)
        kill(0, SIGTSTP)
        SignalInbox.setDefault(SIGTSTP)
        raise(SIGTSTP)
        SignalInbox.handle(SIGTSTP)
        SignalInbox.forget(.continued)
        takeBackTerminal()
        keyContinuation.yield(.resumed)
    }

    /// Takes the terminal back. Its size may have changed meanwhile.
    private func takeBackTerminal() {
        curses.takeBack()
        mode = .showing
        sizeChanged()
        redraw()
    }

    // MARK: Editors

    private func lend(_ arguments: [String], _ continuation: CheckedContinuation<Result<Int32, EditorError>, Never>) {
        switch mode {
        case .showing: break
        case .lent: return continuation.resume(returning: .failure(.busy))
        case .gone: return continuation.resume(returning: .failure(.closed))
        }
        curses.lend()
        // The signals of ctrl-C and ctrl-\ reach the editor and us, but are meant for the editor. ctrl-Z stops both.
        SignalInbox.ignore(SIGINT)
        SignalInbox.ignore(SIGQUIT)
        SignalInbox.setDefault(SIGTSTP)
        do {
            let editor = try EditorProcess(arguments)
            mode = .lent(editor, continuation)
            let mailbox = mailbox
            do {
                try SystemThread.start { mailbox.post(.editorEnded(status: editor.wait())) }
            } catch {
                // There is no thread to wait on, so wait here.
                editorEnded(editor.wait())
            }
        } catch {
            takeBackSignals()
            takeBackTerminal()
            continuation.resume(returning: .failure(error))
        }
    }

    private func editorEnded(_ status: Int32) {
        guard case .lent(_, let continuation) = mode else { return }
        takeBackSignals()
        guard closing == nil else {
            mode = .gone
            isClosed = true
            curses.restore()
            // The editor was ended by us, so its text must not be used.
            return continuation.resume(returning: .failure(.closed))
        }
        takeBackTerminal()
        continuation.resume(returning: .success(status))
    }

    /// Kills an editor that did not end after SIGTERM. Otherwise two programs would use the terminal.
    private func endEditor() {
        guard case .lent(let editor, let continuation) = mode else { return }
        mode = .gone
        editor.kill()
        curses.restore()
        continuation.resume(returning: .failure(.closed))
    }

    private func takeBackSignals() {
        SignalInbox.handle(SIGINT)
        SignalInbox.handle(SIGTSTP)
        CrashRestore.handle(SIGQUIT)
    }
}
