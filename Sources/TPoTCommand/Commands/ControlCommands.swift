import ArgumentParser

/// `tpot status`: all tunnels that run.
struct StatusCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "List the tunnels that run: `tpot http` of this user.",
        discussion: "Exits with 69 if none runs."
    )

    @Flag(help: "Print an object of JSON for each tunnel.")
    var json = false

    @ParentCommand var root: Tpot

    func execute() async throws {
        _ = try root.refuseTunnelOptions(for: "status")
        try await ControlCommandRunner.status(json: json, in: .current)
    }
}

/// Which running tunnel is meant.
struct TunnelChoice: ParsableArguments {
    @Argument(help: "The tunnel: its name, public URL, target or process. It may be left out if only one runs.")
    var name: String?
}

/// `tpot url`: the public URL of a tunnel that runs.
struct URLCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "url",
        abstract: "Print the public URL of a tunnel that runs, and nothing else."
    )

    @OptionGroup var choice: TunnelChoice

    @Option(help: ArgumentHelp("Wait until a tunnel is online, at most so long: 30s, 5m, ….", valueName: "time"))
    var timeout: String?

    @ParentCommand var root: Tpot

    func execute() async throws {
        _ = try root.refuseTunnelOptions(for: "url")
        let seconds = try HistoryCommandRunner.age(timeout, "--timeout")
        try await ControlCommandRunner.url(choice.name, seconds: seconds, in: .current)
    }
}

/// `tpot hold`: makes visitors wait.
struct HoldCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Hold a tunnel that runs: visitors wait, and nothing is lost."
    )

    @OptionGroup var choice: TunnelChoice
    @ParentCommand var root: Tpot

    func execute() async throws {
        _ = try root.refuseTunnelOptions(for: "hold")
        try await ControlCommandRunner.hold(choice.name, isHeld: true, in: .current)
    }
}

/// `tpot release`: lets visitors go on.
struct ReleaseCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Release a held tunnel: what waits goes on in order."
    )

    @OptionGroup var choice: TunnelChoice
    @ParentCommand var root: Tpot

    func execute() async throws {
        _ = try root.refuseTunnelOptions(for: "release")
        try await ControlCommandRunner.hold(choice.name, isHeld: false, in: .current)
    }
}

/// `tpot stop`: ends a tunnel.
struct StopCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop a tunnel that runs, and wait until it has ended: answers under way get 5 s."
    )

    @OptionGroup var choice: TunnelChoice

    @Flag(help: "Stop all tunnels of this user.")
    var all = false

    @ParentCommand var root: Tpot

    func validate() throws {
        guard !all || choice.name == nil else { throw ValidationError("--all and a name exclude each other") }
    }

    func execute() async throws {
        _ = try root.refuseTunnelOptions(for: "stop")
        try await ControlCommandRunner.stop(choice.name, all: all, in: .current)
    }
}
