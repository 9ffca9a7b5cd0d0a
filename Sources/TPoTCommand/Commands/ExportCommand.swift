import ArgumentParser
import TPoTHistory

/// `tpot export`: writes requests of the history to a file for other programs.
struct ExportCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write requests of the history that match a filter to a HAR file, the oldest first.",
        discussion: """
            A filter is as in `tpot requests --help`. Secrets in headers and URLs are masked. \
            Example: tpot export from:stripe --since 1d --har stripe.har
            """
    )

    @Argument(help: "What the requests must match: all of these.")
    var filter: [String] = []

    @OptionGroup(title: "Selection") var selection: RequestSelection

    @Option(help: ArgumentHelp("The most requests: the newest ones. (default: all)", valueName: "count"))
    var limit: Int?

    @Option(help: ArgumentHelp("The HAR file to write.", valueName: "file"))
    var har: String

    @Flag(help: "Replace the file if there is one.")
    var force = false

    @Flag(help: "Do not mask secrets.")
    var exportSecrets = false

    @ParentCommand var root: Tpot

    func execute() async throws {
        let mask = try root.refuseTunnelOptions(for: "export")
        guard limit.map({ $0 > 0 }) ?? true else {
            throw CommandError(.usage, "--limit is \(limit ?? 0); write 1 or more")
        }
        try await ExportCommandRunner.run(
            try selection.query(filter, for: "export"),
            limit: limit ?? .max,
            to: har,
            replacing: force,
            mask: exportSecrets ? .off : mask,
            in: .current
        )
    }
}
