import TPoTWire

/// Why a command ends: printed on standard error as `tpot: message`, then the process exits with the status.
struct CommandError: Error, Hashable, CustomStringConvertible {
    var status: ExitStatus
    /// What is wrong, where, and what to do; no final period or newline. Safe for a terminal.
    let message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        // It may quote a file, and Swift's quotes leave some controls as they are.
        self.message = VisibleText.text(message)
    }

    var description: String { message }
}
