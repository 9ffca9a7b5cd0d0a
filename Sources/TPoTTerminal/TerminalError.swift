import TPoTSystem

/// Why there is no dashboard. The program continues without one.
package enum TerminalError: Error, Hashable, Sendable {
    /// Standard input or output is a file or a pipe.
    case notATerminal
    /// `TERM` is missing, `dumb`, or names a terminal whose cursor cannot be moved.
    case cannotMoveTheCursor(name: String)
    /// The system has no description of the terminal that `TERM` names.
    case unknownTerminal(name: String)
    /// There can only be one screen, and it is already open.
    case alreadyOpen
    case system(SystemError)
}

extension TerminalError {
    static func naming<Result>(_ body: () throws(SystemError) -> Result) throws(TerminalError) -> Result {
        do throws(SystemError) {
            return try body()
        } catch {
            throw .system(error)
        }
    }
}

extension TerminalError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notATerminal: "standard input and output are not both a terminal"
        case .cannotMoveTheCursor(let name): "a terminal of type \"\(name)\" cannot show a dashboard"
        case .unknownTerminal(let name): "the terminal type \"\(name)\" is unknown; try TERM=xterm-256color"
        case .alreadyOpen: "the dashboard is already open"
        case .system(let error): "\(error)"
        }
    }
}
