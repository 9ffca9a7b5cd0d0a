import ArgumentParser
import TPoTInspect

/// `tpot diff`: compares two requests and their answers.
struct DiffCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two requests of the history, and their answers.",
        discussion: """
            JSON is compared by structure. Date, Age, Expires, Set-Cookie, ETag, and names of requests and traces are not \
            compared. Exits with 0 if the two are the same, and with 1 if they differ or that cannot be told.
            """
    )

    @Argument(help: ArgumentHelp("The number of the older request.", valueName: "a"))
    var old: UInt64

    @Argument(help: ArgumentHelp("The number of the newer request.", valueName: "b"))
    var new: UInt64

    @Option(
        help: ArgumentHelp(
            "Do not compare this header, or this place in a JSON body (RFC 6901). Can be repeated.",
            valueName: "header:name|json:/place"
        )
    )
    var ignore: [String] = []

    @Flag(help: "Print an object of JSON.")
    var json = false

    @Flag(help: "Do not mask secrets.")
    var exportSecrets = false

    @ParentCommand var root: Tpot

    func execute() async throws {
        let mask = try root.refuseTunnelOptions(for: "diff")
        try await DiffCommandRunner.run(
            old,
            new,
            exceptions: try ComparisonExceptions(options: ignore),
            json: json,
            mask: exportSecrets ? .off : mask,
            in: .current
        )
    }
}
