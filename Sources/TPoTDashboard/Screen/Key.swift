/// What the terminal tells: a key, the mouse, another size, a request to stop.
package enum Key: Hashable, Sendable {
    case character(Character)
    case enter, escape, tab, backTab
    case up, down, left, right
    case pageUp, pageDown, home, end
    case backspace, delete
    /// With a small letter, `ctrl("c")`. SIGINT arrives as `ctrl("c")` as well: it means the same.
    case ctrl(Character)
    case mouse(row: Int, column: Int, kind: MouseKind)
    /// Text pasted at once. It may hold line breaks and anything else.
    case paste(String)
    case resize(width: Int, height: Int)
    /// The program was stopped (ctrl-Z) and goes on.
    case resumed
    /// SIGTERM came.
    case terminate
    /// SIGHUP came or the terminal has gone: nothing can be drawn any more.
    case hangUp

    package enum MouseKind: Hashable, Sendable {
        case click, wheelUp, wheelDown
    }
}
