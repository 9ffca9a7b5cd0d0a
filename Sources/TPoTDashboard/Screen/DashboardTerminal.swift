/// All that the dashboard knows of a terminal. Tests run it on one that is none.
package protocol DashboardTerminal: AnyObject, Sendable {
    var size: ScreenSize { get }

    /// In the order in which they came; ends after ``close()``. To be read by one reader.
    var keys: AsyncStream<Key> { get }

    /// Shows `screen` soon, unless a later one comes first. May be called from any thread and returns at once.
    func draw(_ screen: Screen)

    /// Draws everything anew, for a terminal that something else wrote into.
    func redraw()

    func ring()

    /// Puts `text` into the clipboard of whoever sits in front of the terminal, over SSH too.
    func copy(_ text: String) async -> CopyOutcome

    /// Lends the terminal to an editor, or to any other program, until it ends.
    /// - Parameter command: the program, searched in `PATH`, and its arguments.
    /// - Returns: its exit status, 128 + n if signal n ended it.
    func edit(_ command: [String]) async throws(EditorError) -> Int32

    /// Stops the program as ctrl-Z does; ``Key/resumed`` tells when it goes on.
    func suspend()

    /// Gives the terminal back as it was. Returns when that is done; a second call does nothing.
    func close()
}
