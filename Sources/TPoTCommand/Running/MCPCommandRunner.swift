import Glibc
import TPoTInspect
import TPoTNetwork
import TPoTSystem

/// Carries out `tpot mcp`.
enum MCPCommandRunner {
    private enum Ending {
        case inputEnded, outputClosed
    }

    static func run(
        allowsReplay: Bool,
        trust: CertificateTrust,
        webhookSecrets: WebhookSecrets,
        mask: SecretMask,
        in context: ProcessContext
    ) async throws {
        let history = AgentHistory(try HistoryCommandRunner.file(in: context))
        let live = RunningTunnels(context: context)
        var tools: [any MCPTool] = [
            ListRequestsTool(history: history, mask: mask), SearchRequestsTool(history: history, mask: mask),
            GetRequestTool(history: history, mask: mask), WaitForRequestTool(history: history, live: live, mask: mask),
            CompareRequestsTool(history: history, mask: mask),
            StatusTool(history: history, live: live, allowsReplay: allowsReplay),
        ]
        if allowsReplay {
            let replayer = AgentReplayer(history: history, trust: trust, webhookSecrets: webhookSecrets, mask: mask)
            tools += [ReplayRequestTool(replayer: replayer), ReplayEditedTool(replayer: replayer)] as [any MCPTool]
        }
        if isatty(STDIN_FILENO) == 1 {
            ErrorLines.standard.print(
                "tpot: a coding agent starts tpot mcp and writes to its standard input; ctrl-D ends it"
            )
        }
        let (endings, ending) = AsyncStream.makeStream(of: Ending.self)
        let output = MCPOutput(whenClosed: { ending.yield(.outputClosed) })
        let server = MCPServer(tools: tools, output: output)
        do throws(SystemError) {
            try SystemThread.start {
                read(into: server)
                ending.yield(.inputEnded)
            }
        } catch {
            throw CommandError(.temporaryFailure, "cannot read standard input: \(error)")
        }
        let end = await endings.first { _ in true }
        await server.finish()
        guard end == .inputEnded else { throw CommandError(.outputClosed, "nobody reads standard output any more") }
    }

    /// Reads standard input to its end.
    private static func read(into server: MCPServer) {
        var lines = MCPLines(limit: MCPServer.messageLimit)
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            lines.take(buffer[..<count]) { server.receive($0) }
        }
        lines.end { server.receive($0) }
    }
}
