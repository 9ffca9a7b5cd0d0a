import CNCurses
import Glibc
import TPoTDashboard
import TPoTSystem

/// The one ncurses screen. Everything here happens on the terminal's thread.
final class CursesScreen {
    private let screen: OpaquePointer
    private let savedModes: termios
    private let isUnicode: Bool
    private let styles: CursesStyle.Table
    /// What stands on the terminal now; nil if that is not known.
    private var shown: Screen?
    private var row: [cchar_t] = []
    /// Keys are read from a pad of their own: reading from a window would draw it as well.
    let input: UnsafeMutablePointer<WINDOW>

    /// Starts ncurses. Signals have to be taken before, see ``SignalInbox``.
    init(terminal name: String, useColors: Bool) throws(TerminalError) {
        // Only what is a character and how wide it is: numbers and messages stay as they are for the whole program.
        setlocale(LC_CTYPE, "")
        isUnicode = nl_langinfo(Int32(CODESET)).map { String(cString: $0) } == "UTF-8"
        var modes = termios()
        guard tcgetattr(STDIN_FILENO, &modes) == 0 else { throw .system(SystemError(call: "tcgetattr", code: errno)) }
        savedModes = modes
        // The size comes from the terminal itself: what LINES and COLUMNS say may be old, and what a description says is
        // of another terminal of that kind. ncurses makes the scroll region as high as it takes the terminal to be.
        use_env(false)
        use_tioctl(true)
        set_escdelay(25)
        guard let screen = tpot_newterm() else { throw .unknownTerminal(name: name) }
        self.screen = screen
        guard TerminalSequence.capability("cup") != nil, let input = newpad(1, 1) else {
            endwin()
            delscreen(screen)
            throw .cannotMoveTheCursor(name: name)
        }
        self.input = input
        cbreak()
        noecho()
        nonl()
        Self.leaveControlKeysAlone()
        // A screen is drawn to its end even if keys wait.
        typeahead(-1)
        keypad(input, true)
        nodelay(input, true)
        mousemask(tpot_click | tpot_wheel_up | tpot_wheel_down, nil)
        mouseinterval(0)
        styles = CursesStyle.table(useColors: useColors)
        curs_set(0)
        CrashRestore.install(modes: modes, sequence: TerminalSequence.giveBack)
        TerminalSequence.write(TerminalSequence.pasteOn)
        clearok(tpot_curscr(), true)
    }

    /// What the terminal says of itself; a terminal that does not know gets what its description says.
    var size: ScreenSize {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return ScreenSize(width: Int(getmaxx(tpot_stdscr())), height: Int(getmaxy(tpot_stdscr())))
        }
        return ScreenSize(
            width: min(Int(size.ws_col), Screen.largest.width),
            height: min(Int(size.ws_row), Screen.largest.height)
        )
    }

    func resize(to size: ScreenSize) {
        resizeterm(Int32(size.height), Int32(size.width))
        forget()
    }

    /// Has everything drawn anew by the next ``draw(_:)``.
    func forget() {
        shown = nil
        clearok(tpot_curscr(), true)
    }

    // MARK: Drawing

    func draw(_ wanted: Screen) {
        let screen = isUnicode ? wanted : AsciiFallback.screen(wanted)
        let window = tpot_stdscr()
        if shown?.size != screen.size { werase(window) }
        let height = min(screen.height, Int(getmaxy(window)))
        for number in 0..<height where shown == nil || shown?.row(number) != screen.row(number) {
            draw(screen.row(number), at: number, in: window)
        }
        if let cursor = screen.cursor,
            wmove(window, Int32(clamping: cursor.row), Int32(clamping: cursor.column)) == OK
        {
            curs_set(1)
        } else {
            curs_set(0)
        }
        wrefresh(window)
        shown = screen
    }

    private func draw(_ cells: ArraySlice<Cell>, at number: Int, in window: UnsafeMutablePointer<WINDOW>?) {
        let width = min(cells.count, Int(getmaxx(window)))
        row.removeAll(keepingCapacity: true)
        var role: StyleRole?
        var style = CursesStyle(attributes: 0, pair: 0)
        for (column, cell) in cells.prefix(width).enumerated() where cell.width > 0 {
            if cell.role != role {
                role = cell.role
                style = styles[CursesStyle.index(of: cell.role)]
            }
            // The window is narrower than the screen, and its edge goes through a wide character.
            let isCut = column + Int(cell.width) > width
            append(isCut ? nil : cell, style)
        }
        mvwadd_wchnstr(window, Int32(number), 0, row, Int32(row.count))
    }

    /// - Parameter cell: nil for a blank.
    private func append(_ cell: Cell?, _ style: CursesStyle) {
        guard let cell else {
            append([32, 0], style)
            return
        }
        if cell.base.isASCII, cell.marks.isEmpty {
            append([wchar_t(cell.base.value), 0], style)
            return
        }
        let base = wchar_t(cell.base.value)
        guard tpot_wcwidth(base) == Int32(cell.width) else {
            // A character that this system's library does not know, or counts otherwise: ncurses would lose its place.
            append([0xfffd, 0], style)
            if cell.width == 2 { append([32, 0], style) }
            return
        }
        let marks = cell.marks.lazy.map { wchar_t($0.value) }.filter { tpot_wcwidth($0) == 0 }
        append([base] + marks + [0], style)
    }

    private func append(_ characters: [wchar_t], _ style: CursesStyle) {
        var cell = cchar_t()
        if setcchar(&cell, characters, style.attributes, style.pair, nil) != OK {
            setcchar(&cell, [0x3f, 0], style.attributes, style.pair, nil)
        }
        row.append(cell)
    }

    func ring() {
        beep()
    }

    // MARK: Leaving and coming back

    /// Gives the terminal to something else for a while.
    func lend() {
        CrashRestore.disarm()
        TerminalSequence.write(TerminalSequence.pasteOff)
        endwin()
    }

    func takeBack() {
        reset_prog_mode()
        // Before the first refresh, which makes the scroll region as high as the terminal is taken to be.
        let size = size
        resizeterm(Int32(size.height), Int32(size.width))
        // The first refresh turns the alternate screen, the mouse and the keypad on again.
        wrefresh(tpot_stdscr())
        TerminalSequence.write(TerminalSequence.pasteOn)
        forget()
        CrashRestore.arm()
    }

    /// Gives back the terminal of a program that had to end and may not have done so.
    func restore() {
        TerminalSequence.write(TerminalSequence.giveBack)
    }

    func close() {
        if CrashRestore.disarm() {
            TerminalSequence.write(TerminalSequence.pasteOff)
            curs_set(1)
            endwin()
        }
        var modes = savedModes
        tcsetattr(STDIN_FILENO, TCSADRAIN, &modes)
        CrashRestore.remove()
        delwin(input)
        delscreen(screen)
    }

    /// ctrl-S, ctrl-Q, ctrl-V and ctrl-O are keys here, not orders to the line. ctrl-C, ctrl-Z and ctrl-\ stay signals:
    /// they work even if this thread does not.
    private static func leaveControlKeysAlone() {
        var modes = termios()
        guard tcgetattr(STDIN_FILENO, &modes) == 0 else { return }
        modes.c_iflag &= ~tcflag_t(IXON)
        modes.c_lflag &= ~tcflag_t(IEXTEN)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &modes)
        // What ncurses goes back to. Not saved again when the terminal is lent: its modes may be another's by then.
        def_prog_mode()
    }
}
