/// Everything that the dashboard needs from a terminal. Tests use a fake one.
package protocol DashboardTerminal: AnyObject, Sendable {
    var size: ScreenSize { get }

    /// The keys in order of arrival, for one reader. The stream ends after ``close()``.
    var keys: AsyncStream<Key> { get }

    /// Shows `screen` soon, unless a newer one replaces it first. Any thread may call this; it returns at once.
    func draw(_ screen: Screen)

    /// Draws the whole screen again, in case something else wrote to the terminal.
    func redraw()

    func ring()

    /// Puts `text` into the clipboard of the user's machine, over SSH too.
    func copy(_ text: String) async -> CopyOutcome

    /// Hands the terminal to an editor or another program until it exits.
    /// - Parameter command: the program, looked up in `PATH`, and its arguments.
    /// - Returns: its exit status, or 128 + n if signal n killed it.
    func edit(_ command: [String]) async throws(EditorError) -> Int32

    /// Stops the program as ctrl-Z does. ``Key/resumed`` arrives when it continues.
    func suspend()

    /// Restores the terminal and returns when that is done. A second call does nothing.
    func close()
}

/// Why an editor did not run.
package enum EditorError: Error, Hashable, Sendable {
    case couldNotStart(program: String, reason: String)
    /// Another program has the terminal.
    case busy
    case closed
}

extension EditorError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .couldNotStart(let program, let reason): "could not start \(program): \(reason); set EDITOR to another one"
        case .busy: "another program has the terminal"
        case .closed: "the terminal is closed"
        }
    }
}

/// The outcome of copying a text.
package struct CopyOutcome: Hashable, Sendable {
    package enum Place: Hashable, Sendable {
        case clipboard, tmuxBuffer
        /// The text was sent to the terminal, which does not say whether it took it.
        case terminal
        /// Every attempt failed.
        case nowhere
    }

    package var place: Place
    /// The attempts that failed before, with reasons.
    package var failures: [String]

    package init(_ place: Place, failures: [String] = []) {
        self.place = place
        self.failures = failures
    }
}
