import ArgumentParser
import TPoTHistory

/// `tpot requests`: lists captured requests.
struct RequestsCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "requests",
        abstract: "List requests of the history that match a filter, the newest last.",
        discussion: """
            A filter is made of words and of terms like method:POST status:5xx path:/hook event:invoice from:stripe \
            took:over-1s is:failed is:signed body:text; not: before any. Example: tpot requests event:invoice is:failed --since 1h
            """
    )

    @Argument(help: "What the requests must match: all of these.")
    var filter: [String] = []

    @OptionGroup(title: "Selection") var selection: RequestSelection

    @Option(help: ArgumentHelp("The most requests: the newest ones.", valueName: "count"))
    var limit = 50

    @Flag(help: "Print an object of JSON for each request.")
    var json = false

    @Flag(help: "Then print each request of the tunnels that run, as it is answered.")
    var follow = false

    @Flag(help: "Do not mask secrets in paths.")
    var exportSecrets = false

    @ParentCommand var root: Tpot

    func execute() async throws {
        let mask = try root.refuseTunnelOptions(for: "requests")
        guard (1...RequestsCommandRunner.limit).contains(limit) else {
            throw CommandError(.usage, "--limit is \(limit); write 1 to \(RequestsCommandRunner.limit)")
        }
        guard !follow else {
            return try await FollowCommandRunner.follow(
                try selection.query(filter),
                ControlSearch(filter: try RequestFilter.text(filter), since: selection.since, json: json),
                limit: limit,
                mask: exportSecrets ? .off : mask,
                in: .current
            )
        }
        try await RequestsCommandRunner.list(
            try selection.query(filter),
            limit: limit,
            json: json,
            mask: exportSecrets ? .off : mask,
            in: .current
        )
    }
}

/// Which requests of the history are meant.
struct RequestSelection: ParsableArguments {
    @Option(help: ArgumentHelp("Only those of this tunnel: its name, public URL or target.", valueName: "tunnel"))
    var tunnel: String?

    @Option(help: ArgumentHelp("Only those of the last 90s, 30m, 12h, 7d, ….", valueName: "time"))
    var since: String?

    /// - Parameter words: a filter; each of them may have blanks.
    func query(_ words: [String], for command: String = "requests") throws(CommandError) -> HistoryQuery {
        HistoryQuery(
            try RequestFilter.parse(words, for: command),
            tunnel: tunnel,
            since: HistoryCommandRunner.time(ago: try HistoryCommandRunner.age(since, "--since"))
        )
    }
}

/// `tpot show`: one captured request.
struct ShowCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a request of the history with its answer, as `tpot requests` numbers them.",
        discussion: "Bodies are decoded. On a terminal, control characters are made visible."
    )

    @Argument(help: "The number of the request.")
    var number: UInt64

    @Flag(help: "Only the request.")
    var request = false

    @Flag(help: "Only the response.")
    var response = false

    @Flag(help: "Only the heads.")
    var head = false

    @Flag(help: "Only the bodies.")
    var body = false

    @Flag(help: "The bytes as they came, but for secrets in heads, which --export-secrets leaves in.")
    var raw = false

    @Flag(help: "A HAR file with this request.")
    var har = false

    @Flag(help: "A curl command that sends the request to the target again.")
    var curl = false

    @Flag(help: "An object of JSON.")
    var json = false

    @Flag(help: "Do not mask secrets.")
    var exportSecrets = false

    @ParentCommand var root: Tpot

    func validate() throws {
        guard !(request && response), !(head && body), [raw, har, curl, json].count(where: { $0 }) <= 1 else {
            throw ValidationError(
                "--request and --response exclude each other, so do --head and --body, and --raw, --har, --curl and --json"
            )
        }
        guard !(har || curl) || !(request || response || head || body) else {
            throw ValidationError("--har and --curl show all of it: leave --request, --response, --head and --body out")
        }
    }

    func execute() async throws {
        let mask = try root.refuseTunnelOptions(for: "show")
        let parts = ShownParts(
            showsRequest: !response,
            showsResponse: !request,
            showsHeads: !body,
            showsBodies: !head,
            form: raw ? .raw : har ? .har : curl ? .curl : json ? .json : .text
        )
        try await RequestsCommandRunner.show(number, parts, mask: exportSecrets ? .off : mask, in: .current)
    }
}

/// What `tpot show` shows of a request.
struct ShownParts: Hashable, Sendable {
    enum Form: Sendable {
        case text, raw, har, curl, json
    }

    var showsRequest = true
    var showsResponse = true
    var showsHeads = true
    var showsBodies = true
    var form = Form.text
}
