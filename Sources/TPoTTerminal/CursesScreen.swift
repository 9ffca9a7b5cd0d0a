import CNCurses
import Glibc
import TPoTDashboard
import TPoTSystem

/// The only ncurses screen. It is used on the terminal's thread only.
final class CursesScreen {
    private let screen: OpaquePointer
    private let savedModes: termios
    private let isUnicode: Bool
    private let styles: CursesStyle.Table
    /// What the terminal shows. Nil if that is not known.
    private var shown: Screen?
    private var row: [cchar_t] = []
    /// A pad to read keys from. Reading from a window would also draw it.
    let input: UnsafeMutablePointer<WINDOW>

    /// Starts ncurses. The signal handlers must be installed before: see ``SignalInbox``.
    init(terminal name: String, useColors: Bool) throws(TerminalError) {
        // Only for the classes and widths of characters. Numbers and messages stay the same in the whole program.
        setlocale(LC_CTYPE, "")
        isUnicode = nl_langinfo(Int32(CODESET)).map { String(cString: $0) } == "UTF-8"
        var modes = termios()
        guard tcgetattr(STDIN_FILENO, &modes) == 0 else { throw .system(SystemError(call: "tcgetattr", code: errno)) }
        savedModes = modes
        // The size must come from the terminal itself: LINES and COLUMNS may be outdated, and the terminal's
        // description only has a default. ncurses sets the scroll region to this height.
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
        // Drawing is not interrupted when keys are waiting.
        typeahead(-1)
        keypad(input, true)
        nodelay(input, true)
        mousemask(tpot_click | tpot_release | tpot_wheel_up | tpot_wheel_down, nil)
        mouseinterval(0)
        styles = CursesStyle.table(useColors: useColors)
        curs_set(0)
        CrashRestore.install(modes: modes, sequence: TerminalSequence.restore)
        TerminalSequence.write(TerminalSequence.pasteOn)
        clearok(tpot_curscr(), true)
    }

    /// The size that the terminal reports. If it reports none, the default of its description.
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

    /// Makes the next ``draw(_:)`` draw everything.
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
        var styled: Cell?
        var style = CursesStyle(attributes: 0, pair: 0)
        for (column, cell) in cells.prefix(width).enumerated() where cell.width > 0 {
            if cell.role != styled?.role || cell.isSelected != styled?.isSelected {
                styled = cell
                style = styles[CursesStyle.index(of: cell.role)]
                if cell.isSelected { style = style.selected }
            }
            // The window is narrower than the screen and cuts through a wide character.
            let isCut = column + Int(cell.width) > width
            append(isCut ? nil : cell, style)
        }
        mvwadd_wchnstr(window, Int32(number), 0, row, Int32(row.count))
    }

    /// - Parameter cell: nil for a space.
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
            // The C library does not know the character or gives it another width: ncurses would lose its position.
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

    // MARK: Lending and closing

    /// Gives the terminal to another program until ``takeBack()``.
    func lend() {
        CrashRestore.disarm()
        TerminalSequence.write(TerminalSequence.pasteOff)
        endwin()
    }

    func takeBack() {
        reset_prog_mode()
        // The size must be set before the first refresh, which sets the scroll region to the height of the terminal.
        let size = size
        resizeterm(Int32(size.height), Int32(size.width))
        // The first refresh turns the alternate screen, the mouse and the keypad on again.
        wrefresh(tpot_stdscr())
        TerminalSequence.write(TerminalSequence.pasteOn)
        forget()
        CrashRestore.arm()
    }

    /// Restores the terminal after a program that had to be ended and may have left it in any state.
    func restore() {
        TerminalSequence.write(TerminalSequence.restore)
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

    /// Makes ctrl-S, ctrl-Q, ctrl-V and ctrl-O keys, which the terminal driver would otherwise handle. ctrl-C, ctrl-Z
    /// and ctrl-\ stay signals, so that they work even if this thread hangs.
    private static func leaveControlKeysAlone() {
        var modes = termios()
        guard tcgetattr(STDIN_FILENO, &modes) == 0 else { return }
        modes.c_iflag &= ~tcflag_t(IXON)
        modes.c_lflag &= ~tcflag_t(IEXTEN)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &modes)
        // Saves the modes to which ncurses returns. They are not saved when the terminal is lent, because another
        // program may have changed them by then.
        def_prog_mode()
    }
}
