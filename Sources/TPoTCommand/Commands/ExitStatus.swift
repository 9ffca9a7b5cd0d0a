import TPoTWire

/// The exit codes of `tpot`, after sysexits.h.
enum ExitStatus: Int32, CaseIterable {
    /// Stopped on request.
    case stopped = 0
    /// Nothing matches what was asked for, or not in time; or an answer is not as it should be.
    case nothingFound = 1
    /// A wrong option, argument or environment variable; or a name that the server reserves.
    case usage = 64
    /// A config, key, token or certificate file that is corrupt, contradictory, or cannot be read or written.
    case badConfig = 65
    /// The server or its identity provider cannot be reached, something else answers at its address, or no tunnel runs.
    case serverUnreachable = 69
    /// The reader of standard output has gone (`--no-ui`).
    case outputClosed = 74
    /// The subdomain is taken or was taken over, or the server makes us wait. Trying again may help.
    case temporaryFailure = 75
    /// The server broke the protocol.
    case protocolError = 76
    /// The server does not accept the key, wants a login, or a clock is wrong.
    case notAuthorised = 77

    var meaning: String {
        switch self {
        case .stopped: "asked to stop"
        case .nothingFound: "no such request (in time), or an answer that is not as it should be"
        case .usage: "usage"
        case .badConfig: "bad config"
        case .serverUnreachable: "server unreachable, or no tpot runs"
        case .outputClosed: "standard output closed"
        case .temporaryFailure: "subdomain taken or limit reached (trying again may help)"
        case .protocolError: "protocol error"
        case .notAuthorised: "not authorised"
        }
    }

    /// All exit codes, for the help.
    static var summary: String {
        allCases.map { "\($0.rawValue) \($0.meaning)" }.joined(separator: ", ")
    }
}

/// Why a command fails. The message is printed on standard error as `tpot: message`.
/// Then the process exits with the status.
struct CommandError: Error, Hashable, CustomStringConvertible {
    var status: ExitStatus
    /// What is wrong, where, and what to do; no final period or newline. Safe for a terminal.
    let message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        // The message may quote a file, and `debugDescription` leaves some control characters as they are.
        self.message = VisibleText.text(message)
    }

    var description: String { message }
}
