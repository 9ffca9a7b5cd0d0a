import ArgumentParser
import TPoTDashboard
import TPoTHistory
import TPoTSystem
import TPoTWire

/// `tpot history`: what is kept of captured traffic.
struct HistoryCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show how much captured traffic is kept, or remove it.",
        discussion: "`tpot http` keeps requests in ~/.tpot/history.sqlite, unless it is told --no-history.",
        subcommands: [HistoryClearCommand.self]
    )

    @Flag(help: "Print an object of JSON.")
    var json = false

    @ParentCommand var root: Tpot

    func execute() async throws {
        try root.refuseAllOptions(for: "history")
        try await HistoryCommandRunner.show(json: json, in: .current)
    }
}

/// `tpot history clear`: removes captured traffic.
struct HistoryClearCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear",
        abstract: "Remove requests from the history, so that nothing of them is left in the file."
    )

    @Option(help: ArgumentHelp("Only requests of this tunnel: its name, public URL or target.", valueName: "tunnel"))
    var tunnel: String?

    @Option(help: ArgumentHelp("Only requests older than this: 1d, 12h, 30m, …", valueName: "time"))
    var olderThan: String?

    @Flag(help: "Also marked requests.")
    var marked = false

    @Flag(help: "Do it. Without this, an error says how many there are.")
    var yes = false

    @ParentCommand var root: Tpot

    func execute() async throws {
        try root.refuseAllOptions(for: "history clear")
        try await HistoryCommandRunner.clear(
            tunnel: tunnel,
            olderThan: try HistoryCommandRunner.age(olderThan, "--older-than"),
            includesMarked: marked,
            isSure: yes,
            in: .current
        )
    }
}
