import ArgumentParser
import TPoTHistory
import TPoTInspect
import TPoTNetwork
import TPoTWire

/// `tpot replay`: sends requests of the history to the target again.
struct ReplayCommand: RunningCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send requests of the history to their target again, and compare the answers.",
        discussion: """
            Names requests by number, or with a filter as `tpot requests` has it: then the newest that match are sent, \
            the oldest of them first, and replays only if the filter has is:replay. Date, Age, Expires, Set-Cookie, \
            ETag, and names of requests and traces are never compared. \
            Example: tpot replay is:failed --since 1h --limit 5
            """
    )

    /// The most requests of a filter that are sent without `--yes`.
    static let limitWithoutYes = 20
    private static let mostTimes = 1_000

    @Argument(help: "The numbers of requests, or what they must match.")
    var which: [String] = []

    @OptionGroup(title: "Selection") var selection: RequestSelection

    @Option(help: ArgumentHelp("The most requests of a filter: the newest ones.", valueName: "count"))
    var limit = ReplayCommand.limitWithoutYes

    @Option(help: ArgumentHelp("How often to send each.", valueName: "count"))
    var times = 1

    @Option(help: ArgumentHelp("Send them to this target, not to the one that got them.", valueName: "target"))
    var target: String?

    @Flag(help: "Exit with 1 if an answer is not the same as before.")
    var expectSame = false

    @Option(
        help: ArgumentHelp(
            "Do not compare this header, or this place in a JSON body (RFC 6901). Can be repeated.",
            valueName: "header:name|json:/place"
        )
    )
    var ignore: [String] = []

    @Flag(help: "Print an object of JSON for each replay.")
    var json = false

    @Flag(help: "Send more than \(ReplayCommand.limitWithoutYes) requests of a filter.")
    var yes = false

    @OptionGroup(title: "Target") var trust: TargetTrustOptions

    @Flag(help: "Do not mask secrets.")
    var exportSecrets = false

    @Flag(
        inversion: .prefixedNo,
        help: """
            Sign webhooks anew whose secret is known, as of now. (default: only where they came before, and on this machine)
            """
    )
    var resign: Bool?

    @OptionGroup(title: "Webhook options") var webhooks: WebhookOptions

    @ParentCommand var root: Tpot

    func execute() async throws {
        let mask = try root.refuseTunnelOptions(for: "replay", but: TargetTrust.names + [.webhookSecretsFile])
        let webhooks = try WebhookSettings.resolve(webhooks, in: .current)
        printWarnings(webhooks.warnings)
        guard limit > 0 else { throw CommandError(.usage, "--limit is \(limit); write 1 or more") }
        guard (1...Self.mostTimes).contains(times) else {
            throw CommandError(.usage, "--times is \(times); write 1 to \(Self.mostTimes)")
        }
        let order = ReplayOrder(
            which: try whichRequests(),
            limit: limit,
            times: times,
            isSure: yes,
            target: try target.map(TargetTrust.address),
            trust: try trust.resolve(root, in: .current),
            expectsSame: expectSame,
            exceptions: try ComparisonExceptions(options: ignore),
            webhookSecrets: webhooks.secrets,
            resigns: resign,
            json: json,
            mask: exportSecrets ? .off : mask
        )
        try await ReplayCommandRunner.run(order, in: .current)
    }

    private func whichRequests() throws(CommandError) -> ReplayOrder.Which {
        let numbers = which.compactMap { UInt64($0) }
        if numbers.isEmpty {
            guard !which.isEmpty || selection.tunnel != nil || selection.since != nil else {
                throw CommandError(.usage, "name requests by number, or with a filter; see `tpot replay --help`")
            }
            return .filter(try selection.query(which, for: "replay"))
        }
        guard numbers.count == which.count, selection.tunnel == nil, selection.since == nil else {
            throw CommandError(.usage, "name requests by number or with a filter, not with both")
        }
        return .numbers(numbers)
    }

}

/// What `tpot replay` has to do.
struct ReplayOrder: Sendable {
    enum Which: Sendable {
        case numbers([UInt64])
        case filter(HistoryQuery)
    }

    var which: Which
    var limit: Int
    var times: Int
    var isSure: Bool
    /// Nil for the target that each request was sent to.
    var target: TargetAddress?
    var trust: CertificateTrust
    var expectsSame: Bool
    var exceptions: ComparisonExceptions
    var webhookSecrets: WebhookSecrets
    /// Whether requests are signed anew. If nil, they are where they came before, and on this machine.
    var resigns: Bool?
    var json: Bool
    var mask: SecretMask

    /// What signs requests for a target; nil if nothing does.
    /// - Parameter old: the target that they were sent to.
    func signing(from old: TargetAddress?, to new: TargetAddress) -> ReplaySigning? {
        resigns ?? (new == old || new.isLocal) ? ReplaySigning(webhookSecrets) : nil
    }
}

extension ComparisonExceptions {
    /// - Parameter options: the values of `--ignore`.
    init(options: [String]) throws(CommandError) {
        self.init()
        for option in options {
            if option.hasPrefix("header:"), option.utf8.count > 7, !option.contains(" ") {
                ignore(field: String(option.dropFirst(7)))
            } else if option.hasPrefix("json:"), let pointer = JSONPointer(String(option.dropFirst(5))) {
                ignore(pointer)
            } else {
                throw CommandError(
                    .usage,
                    "--ignore: \(option.debugDescription) is neither header:NAME nor json:/place; write header:X-Time or"
                        + " json:/items/0/id"
                )
            }
        }
    }
}
