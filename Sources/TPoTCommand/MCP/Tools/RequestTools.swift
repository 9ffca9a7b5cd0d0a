import TPoTCapture
import TPoTDashboard
import TPoTHistory
import TPoTInspect
import TPoTWire

/// `list_requests`
struct ListRequestsTool: MCPTool {
    let history: AgentHistory
    let mask: SecretMask

    var description: ToolDescription {
        ToolDescription(
            name: "list_requests",
            title: "List captured requests",
            text:
                "Lists HTTP requests that came through the tunnel and are over, the newest ones, with status, duration "
                + "and what they mean. get_request shows one of them.",
            arguments: [
                ToolArguments.filter, ToolArguments.tunnel, ToolArguments.since, ToolArguments.after,
                ToolArgument("limit", .number(1...100), "The most requests: the newest ones. 20 if it is left out."),
            ]
        )
    }

    func call(_ arguments: ToolArguments, _ progress: ToolProgress) async throws -> ToolResult {
        let query = try arguments.query(try arguments.filter())
        let (rows, hasMore) = try await history.rows(query, limit: Int(arguments.number("limit") ?? 20))
        let text = rows.isEmpty ? "No request matches." : "\(Formats.count(rows.count, "request")), the newest last."
        return RequestList.result(rows, text, hasMore: hasMore, mask)
    }
}

/// `search_requests`
struct SearchRequestsTool: MCPTool {
    let history: AgentHistory
    let mask: SecretMask

    var description: ToolDescription {
        var query = ToolArguments.filter
        query.name = "query"
        query.isRequired = true
        return ToolDescription(
            name: "search_requests",
            title: "Search captured requests",
            text: "Searches captured requests and answers for words or with a filter. If words are found nowhere else, "
                + "decoded bodies are searched for them, which takes longer.",
            arguments: [
                query, ToolArguments.tunnel, ToolArguments.since, ToolArguments.after,
                ToolArgument("limit", .number(1...100), "The most requests: the newest ones. 20 if it is left out."),
            ]
        )
    }

    func call(_ arguments: ToolArguments, _ progress: ToolProgress) async throws -> ToolResult {
        let filter = try arguments.filter("query")
        guard !filter.isEmpty else { throw ToolFault("query is empty; write words or terms like body:text") }
        let limit = Int(arguments.number("limit") ?? 20)
        var query = try arguments.query(filter)
        var (rows, hasMore) = try await history.rows(query, limit: limit)
        var place = ""
        if rows.isEmpty, let inBodies = filter.inBodies {
            query.filter = inBodies
            (rows, hasMore) = try await history.rows(query, limit: limit)
            place = " The words are in bodies."
        }
        let text =
            rows.isEmpty ? "No request matches." : "\(Formats.count(rows.count, "request")), the newest last.\(place)"
        return RequestList.result(rows, text, hasMore: hasMore, mask)
    }
}

/// `compare_requests`
struct CompareRequestsTool: MCPTool {
    /// The most differences of the requests, and of the answers.
    static let limit = 100

    let history: AgentHistory
    let mask: SecretMask

    var description: ToolDescription {
        ToolDescription(
            name: "compare_requests",
            title: "Compare two captured requests",
            text: "Tells what differs between two captured requests, and between their answers. JSON is compared by "
                + "structure. Date, Age, Expires, Set-Cookie, ETag, and names of requests and traces are not compared.",
            arguments: [
                ToolArgument(
                    "older",
                    .number(ToolArgument.anyNumber),
                    "The number of the older one.",
                    isRequired: true
                ),
                ToolArgument(
                    "newer",
                    .number(ToolArgument.anyNumber),
                    "The number of the newer one.",
                    isRequired: true
                ),
                ToolArgument(
                    "ignore",
                    .texts(limit: 50),
                    "What is not compared: header:NAME, or json:/place in a body (RFC 6901)."
                ),
            ]
        )
    }

    func call(_ arguments: ToolArguments, _ progress: ToolProgress) async throws -> ToolResult {
        let exceptions = try ComparisonExceptions(agent: arguments.texts("ignore"))
        let (old, new) = (arguments.number("older") ?? 0, arguments.number("newer") ?? 0)
        let mask = mask
        return try await history.read { reader in
            let before = try AgentHistory.exchange(old, reader)
            let after = try AgentHistory.exchange(new, reader)
            let request = MessageComparison(before, after, .request, without: exceptions)
            let response = MessageComparison(before, after, .response, without: exceptions)
            return Self.result(before, after, request, response, mask)
        }
    }

    private static func result(
        _ before: CapturedExchange,
        _ after: CapturedExchange,
        _ request: MessageComparison,
        _ response: MessageComparison,
        _ mask: SecretMask
    ) -> ToolResult {
        let gap = request.gap ?? response.gap
        let isSame = request.isSame && response.isSame
        var result = ToolResult(
            "\(before.number) and \(after.number) are "
                + (isSame
                    ? "the same."
                    : request.count + response.count > 0
                        ? "different." : "perhaps the same: no difference was found.")
                + (gap.map { " Not everything could be compared: \($0)." } ?? "")
        )
        var lines: [String] = []
        for (name, part) in [("request", request), ("response", response)] {
            lines.append("\(name):\(part.count > 0 ? "" : part.gap == nil ? " same" : " no difference found")")
            lines += DifferenceText(mask, isPlain: true).lines(part, limit: limit)
        }
        result.add(untrusted: lines.joined(separator: "\n"))
        result.hide(SecretEcho.values(of: before, mask) + SecretEcho.values(of: after, mask))
        result.structure(hasTraffic: true) { json in
            json.add("older", Int(clamping: before.number))
            json.add("newer", Int(clamping: after.number))
            json.add("same", isSame)
            if let gap { json.add("cannotTell", gap) }
            for (name, part) in [("request", request), ("response", response)] {
                json.add(name, json: DifferenceJSON.array(part, mask, limit: limit))
            }
            let count = request.count + response.count
            json.add("differences", count)
        }
        return result
    }
}

extension ComparisonExceptions {
    fileprivate init(agent options: [String]) throws(ToolFault) {
        do throws(CommandError) {
            try self.init(options: options)
        } catch {
            throw ToolFault(error.message.replacing("--ignore", with: "ignore"))
        }
    }
}
