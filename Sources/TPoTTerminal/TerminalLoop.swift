import Glibc
import TPoTDashboard
import TPoTSystem

/// The terminal's thread: sleeps until a key, a signal or a wish from elsewhere comes, and answers it.
///
///     stdin ─────► KeyReader ──► keys
///     signals ──► SignalInbox ─┐
///     draw, … ──► Mailbox ─────┴─ eventfd ──► here ──► CursesScreen ──► stdout
final class TerminalLoop {
    /// How long an editor may take to end when it is asked to.
    private static let farewellMilliseconds: Int64 = 1000

    private enum Mode {
        case showing
        case lent(EditorProcess, CheckedContinuation<Result<Int32, EditorError>, Never>)
        /// The terminal has gone; only ``TerminalMailbox/Command/close`` is waited for.
        case gone
    }

    private let mailbox: TerminalMailbox
    private let curses: CursesScreen
    private let keys: KeyReader
    private let found: AsyncStream<Key>.Continuation
    private let previousSignals: SignalInbox.Previous
    private var mode = Mode.showing
    private var shown: Screen?
    /// When an editor that was asked to end is waited for no longer.
    private var closing: Int64?
    private var isClosed = false
    private var emptyReads = 0

    init(
        mailbox: TerminalMailbox,
        found: AsyncStream<Key>.Continuation,
        terminal name: String,
        useColors: Bool
    ) throws(TerminalError) {
        self.mailbox = mailbox
        self.found = found
        previousSignals = SignalInbox.install(waking: mailbox.wake)
        do {
            curses = try CursesScreen(terminal: name, useColors: useColors)
        } catch {
            SignalInbox.restore(previousSignals)
            throw error
        }
        // ncurses has put its own in place of some.
        SignalInbox.handleAll()
        keys = KeyReader(window: curses.input)
        let size = curses.size
        curses.resize(to: size)
        mailbox.size = size
    }

    func run() {
        while !isClosed {
            answerSignals()
            for command in mailbox.takeCommands() { answer(command) }
            draw()
            if !isClosed { sleep() }
        }
        // Nothing is taken any more before the terminal is given back: an editor started now would be in the way.
        mailbox.close()
        endEditor()
        curses.close()
        SignalInbox.restore(previousSignals)
        found.finish()
    }

    // MARK: Sleeping and drawing

    private func sleep() {
        var isGone = false
        if case .gone = mode { isGone = true }
        var isLent = false
        if case .lent = mode { isLent = true }
        // While another program has the terminal, its keys are not ours to read.
        var entries = [
            pollfd(fd: mailbox.wake.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: isGone || isLent ? -1 : STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&entries, 2, timeout) >= 0 else { return }
        if entries[0].revents != 0 { mailbox.wake.drain() }
        guard !isGone, !isLent else { return }
        var sawInput = false
        for key in keys.read(sawInput: &sawInput) { found.yield(key) }
        emptyReads = entries[1].revents == 0 || sawInput ? 0 : emptyReads + 1
        // Readable again and again with nothing to read is how a terminal that has gone looks like, too.
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

    // MARK: Wishes

    private func answer(_ command: TerminalMailbox.Command) {
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
        closing = MonotonicClock.milliseconds() + Self.farewellMilliseconds
    }

    private func lost() {
        mode = .gone
        found.yield(.hangUp)
    }

    // MARK: Signals

    private func answerSignals() {
        let bits = SignalInbox.take()
        if bits.isEmpty { return }
        if bits.contains(.interrupt) { found.yield(.ctrl("c")) }
        if bits.contains(.terminate) { found.yield(.terminate) }
        if bits.contains(.hangUp) { hungUp() }
        if bits.contains(.stop) { suspend() }
        if bits.contains(.goOn) {
            // Stopped by SIGSTOP, which cannot be answered: whoever had the terminal since has left it as it is.
            if case .showing = mode {
                curses.lend()
                comeBack()
            }
            found.yield(.resumed)
        }
        if bits.contains(.sizeChanged) { sizeChanged() }
    }

    private func hungUp() {
        switch mode {
        case .showing: lost()
        // The editor has to end before the terminal is nobody's.
        case .lent: found.yield(.hangUp)
        case .gone: break
        }
    }

    private func sizeChanged() {
        guard case .showing = mode else { return }
        let size = curses.size
        guard size != mailbox.size else { return }
        curses.resize(to: size)
        mailbox.size = size
        found.yield(.resize(width: size.width, height: size.height))
    }

    private func suspend() {
        guard case .showing = mode else { return }
        curses.lend()
        // The rest of the job, as the terminal would have done; this process has to be stopped within this very call,
        // so that nothing here goes on meanwhile.
        SignalInbox.ignore(SIGTSTP)
        kill(0, SIGTSTP)
        SignalInbox.setDefault(SIGTSTP)
        raise(SIGTSTP)
        SignalInbox.handle(SIGTSTP)
        SignalInbox.forget(.goOn)
        comeBack()
        found.yield(.resumed)
    }

    /// Takes the terminal back from whatever had it, which may have left it in another size.
    private func comeBack() {
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
        // Keys like ctrl-C and ctrl-\ go to the editor and to us, and are for the editor. ctrl-Z stops both.
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
                // No thread to be had: wait here.
                editorEnded(editor.wait())
            }
        } catch {
            takeBackSignals()
            comeBack()
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
            // What it left was not meant to be sent: it had to end.
            return continuation.resume(returning: .failure(.closed))
        }
        comeBack()
        continuation.resume(returning: .success(status))
    }

    /// An editor that did not end when it was asked to: two programs would have the terminal.
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
