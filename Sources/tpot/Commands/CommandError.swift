/// Why a command ends: printed on standard error as `tpot: message`, then the process exits with the status.
struct CommandError: Error, Hashable, CustomStringConvertible {
    var status: ExitStatus
    /// What is wrong, where, and what to do; no final period or newline.
    var message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    var description: String { message }
}
