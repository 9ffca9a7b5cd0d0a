import TPoTCapture
import TPoTDashboard
import TPoTHistory
import TPoTInspect
import TPoTNetwork
import TPoTTraffic
import TPoTWire

/// Sends captured requests to the target that got them.
struct AgentReplayer: Sendable {
    /// How long an answer may take.
    static let patience = Duration.seconds(60)
    private static let differences = 50
    /// Bytes of each body that are kept: as many as a tunnel keeps, and as the original has, up to a limit.
    private static let leastBodyBytes = CaptureLimits().bodyBytes
    private static let mostBodyBytes = 64 * 1024 * 1024

    let history: AgentHistory
    let trust: CertificateTrust
    /// Webhooks are signed anew with them, as of now.
    let webhookSecrets: WebhookSecrets
    let mask: SecretMask

    /// - Parameter edit: makes the request that is sent.
    func replay(
        _ number: UInt64,
        _ edit: @escaping @Sendable (CapturedExchange, SecretMask) throws -> [UInt8]
    ) async throws -> ToolResult {
        let (mask, trust, secrets, file) = (mask, trust, webhookSecrets, history.file)
        let (original, signed, run) = try await history.read { reader in
            let original = try AgentHistory.exchange(number, reader)
            let target = try HistoryCommandRunner.target(of: number, reader)
            let tunnel = try HistoryCommandRunner.run(of: number, reader)
            let request: [UInt8]
            do {
                request = try edit(original, mask)
            } catch let refusal as ReplayRefusal {
                throw ToolFault("request \(number) is not sent: \(refusal.text)")
            }
            let signed = SignedReplay(
                request,
                of: original,
                ReplaySigning(secrets),
                publicURL: tunnel?.url,
                at: TrafficClock.system.read().unixNanoseconds
            )
            let run = try ReplayRun(
                file,
                target,
                name: tunnel?.name,
                trust: trust,
                expected: 1,
                bodyBytes: min(max(original.exchange.bytesOut, Self.leastBodyBytes), Self.mostBodyBytes),
                meaning: .inspection(secrets),
                warn: { ErrorLines.standard.print("tpot: warning: \($0)") }
            )
            return (original, signed, run)
        }
        let replay = try await send(signed.bytes, original, run)
        return try await AgentHistory.blocking {
            defer {
                if let warning = run.finish() { ErrorLines.standard.print("tpot: warning: \(warning)") }
            }
            guard let replay else { throw ToolFault("its answer was too fast to be seen; call again") }
            if !run.isReached, case .aborted(let abort) = replay.exchange.state {
                throw ToolFault("the target cannot be reached: \(VisibleText.text(abort.text))")
            }
            return Self.result(run.compare(original, replay), signed, run.target, mask)
        }
    }

    /// Nothing goes on for longer than ``patience``, nor after the client has cancelled it.
    private func send(
        _ request: [UInt8],
        _ original: CapturedExchange,
        _ run: ReplayRun
    ) async throws -> CapturedExchange? {
        let timer = Task {
            try await Task.sleep(for: Self.patience)
            run.stop()
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await run.replay(request, of: original.number, batch: nil)
        } onCancel: {
            run.stop()
        }
    }

    private static func result(
        _ result: ReplayResult,
        _ signed: SignedReplay,
        _ target: TargetAddress,
        _ mask: SecretMask
    ) -> ToolResult {
        let number = result.replay.number
        let signing = signed.isSigned ? " It was signed anew." : signed.message.map { " \($0.text)." } ?? ""
        var answer = ToolResult("Sent to \(target); get_request \(number) shows the request and its answer.\(signing)")
        var lines = ReplayOutput.lines(result, mask)
        lines += DifferenceText(mask, isPlain: true).lines(result.comparison, limit: differences)
        answer.add(untrusted: lines.joined(separator: "\n"))
        answer.hide(SecretEcho.values(of: result.original, mask) + SecretEcho.values(of: result.replay, mask))
        answer.structure(hasTraffic: true) { json in
            var bytes: [UInt8] = []
            ReplayOutput.line(result, target, mask, limit: differences).append(to: &bytes)
            json.add("replay", json: bytes.dropLast())
        }
        return answer
    }
}
