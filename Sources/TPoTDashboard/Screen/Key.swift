/// An event from the terminal: a key, the mouse, a new size, or a signal.
package enum Key: Hashable, Sendable {
    case character(Character)
    case enter, escape, tab, backTab
    case up, down, left, right
    case pageUp, pageDown, home, end
    case backspace, delete
    /// With a lower-case letter: `ctrl("c")`. SIGINT also arrives as `ctrl("c")`, because it means the same.
    case ctrl(Character)
    case mouse(row: Int, column: Int, kind: MouseKind)
    /// Pasted text. It may hold line breaks and any other character.
    case paste(String)
    case resize(width: Int, height: Int)
    /// The program was stopped (ctrl-Z) and continues.
    case resumed
    /// SIGTERM arrived.
    case terminate
    /// SIGHUP arrived or the terminal is gone: nothing can be drawn any more.
    case hangUp

    package enum MouseKind: Hashable, Sendable {
        /// The left button was pressed, or released.
        case click, release
        case wheelUp, wheelDown
    }
}
