import ArgumentParser

/// `tpot wait`: waits for a request.
struct WaitCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until a request that matches a filter is answered, and print it.",
        discussion: """
            A request that has come since the tunnel began counts, too. The filter is that of `tpot requests`. Exits with \
            1 if none came in time, and with 69 if no tunnel runs. Example: tpot wait event:invoice.paid --timeout 60s
            """
    )

    @Argument(help: "What the request must match: all of these.")
    var filter: [String] = []

    @Option(
        help: ArgumentHelp("The tunnel, if more than one runs: its name, public URL or target.", valueName: "tunnel")
    )
    var tunnel: String?

    @Option(help: ArgumentHelp("Look back so far, and no further: 90s, 30m, 12h, ….", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Only a request with a larger number.", valueName: "number"))
    var after: UInt64?

    @Option(help: ArgumentHelp("How long to wait.", valueName: "time"))
    var timeout = "30s"

    @Flag(help: "Print an object of JSON.")
    var json = false

    @ParentCommand var root: Tpot

    func execute() async throws {
        _ = try root.refuseTunnelOptions(for: "wait")
        let wanted = ControlSearch(
            filter: try RequestFilter.text(filter),
            since: since,
            after: after,
            json: json
        )
        _ = try HistoryCommandRunner.age(since, "--since")
        guard let seconds = try HistoryCommandRunner.age(timeout, "--timeout") else { return }
        try await WaitCommandRunner.wait(for: wanted, tunnel: tunnel, seconds: seconds, in: .current)
    }
}
