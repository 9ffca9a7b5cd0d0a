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
