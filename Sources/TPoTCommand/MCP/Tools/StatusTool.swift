import TPoTDashboard
import TPoTHistory
import TPoTSystem
import TPoTWire

/// `status`
struct StatusTool: MCPTool {
    private static let limit = 10

    let history: AgentHistory
    let live: any LiveTunnels
    let allowsReplay: Bool

    var description: ToolDescription {
        ToolDescription(
            name: "status",
            title: "Tunnels and what was captured",
            text:
                "Tells which tunnels are open now, and of which the history has requests, the newest first, with public URL, "
                + "name, target, counts and the newest number; and whether replays are allowed.",
            arguments: []
        )
    }

    private struct Facts: Sendable {
        var summary: HistoryReader.Summary
        var runs: [HistoryRunSummary]
        var newest: UInt64
    }

    func call(_ arguments: ToolArguments, _ progress: ToolProgress) async throws -> ToolResult {
        let open = await live.open()
        let facts: Facts? =
            history.file.exists
            ? try await history.read { reader in
                Facts(
                    summary: try reader.summary(),
                    runs: try reader.runs(limit: Self.limit),
                    newest: try reader.newestNumber()
                )
            } : nil
        var result = ToolResult(lines(facts, open).joined(separator: "\n"))
        result.structure(hasTraffic: false) { json in
            json.array("open") { json in
                for tunnel in open { json.object { json in write(tunnel, to: &json) } }
            }
            json.add("requests", facts?.summary.count ?? 0)
            json.add("newest", Int(clamping: facts?.newest ?? 0))
            json.add("allowsReplay", allowsReplay)
            json.array("runs") { json in
                for run in facts?.runs ?? [] { json.object { json in write(run, to: &json) } }
            }
        }
        return result
    }

    private func lines(_ facts: Facts?, _ open: [LiveTunnel]) -> [String] {
        var lines: [String] = []
        if open.isEmpty { lines.append("No tunnel is open now.") }
        for tunnel in open {
            lines.append("Open now: \(name(tunnel.name, tunnel.url)) → \(tunnel.target) (\(tunnel.state))")
        }
        guard let facts else {
            return lines + ["There is no history yet (\(history.file.path)): tpot http writes it."]
        }
        lines.append("\(Formats.count(facts.summary.count, "request")) kept, the newest is \(facts.newest).")
        for (index, run) in facts.runs.enumerated() {
            let first = UTCTime.rfc3339(unixNanoseconds: run.first)
            let last = UTCTime.rfc3339(unixNanoseconds: run.last)
            lines.append(
                "\(index == 0 ? "Newest run" : "Earlier"): \(name(run.run.name, run.run.url)) → \(run.run.target): "
                    + "\(Formats.count(run.count, "request")), \(run.failing) failing, from \(first) to \(last), newest \(run.newest)"
            )
        }
        lines.append("Replays are \(allowsReplay ? "allowed" : "not allowed (tpot mcp --allow-replay)").")
        return lines
    }

    private func name(_ name: String?, _ url: String?) -> String {
        [name, url].compactMap { $0 }.joined(separator: " ")
    }

    private func write(_ tunnel: LiveTunnel, to json: inout JSONWriter) {
        if let name = tunnel.name { json.add("name", name) }
        if let url = tunnel.url { json.add("url", url) }
        json.add("target", tunnel.target)
        json.add("state", tunnel.state)
        if let started = tunnel.started { json.add("started", UTCTime.rfc3339(unixNanoseconds: started)) }
    }

    private func write(_ run: HistoryRunSummary, to json: inout JSONWriter) {
        if let name = run.run.name { json.add("name", name) }
        if let url = run.run.url { json.add("url", url) }
        json.add("target", run.run.target)
        json.add("requests", run.count)
        json.add("failing", run.failing)
        json.add("first", UTCTime.rfc3339(unixNanoseconds: run.first))
        json.add("last", UTCTime.rfc3339(unixNanoseconds: run.last))
        json.add("newest", Int(clamping: run.newest))
    }
}
