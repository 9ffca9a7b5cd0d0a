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

/// Why an editor did not run.
package enum EditorError: Error, Hashable, Sendable {
    case couldNotStart(program: String, reason: String)
    /// Another one has the terminal.
    case busy
    /// The terminal was closed.
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

/// What has become of a text that was to be copied.
package struct CopyOutcome: Hashable, Sendable {
    package enum Place: Hashable, Sendable {
        case clipboard, tmuxBuffer
        /// The terminal got it, and gives no answer.
        case terminal
        /// Nobody took it.
        case nowhere
    }

    package var place: Place
    /// What was tried before, and why it did not work.
    package var failures: [String]

    package init(_ place: Place, failures: [String] = []) {
        self.place = place
        self.failures = failures
    }
}
