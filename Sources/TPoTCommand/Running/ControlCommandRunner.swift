import ArgumentParser
import Glibc
import NIOCore
import TPoTCapture
import TPoTControl
import TPoTDashboard
import TPoTSystem
import TPoTWire

/// Carries out the commands that look at running tunnels and control them.
enum ControlCommandRunner {
    /// How long a process may take to end after it was asked to.
    private static let patience = Duration.seconds(10)
    private static let pause = Duration.milliseconds(50)

    // MARK: Finding

    /// The tunnels that run, as far as their processes answer.
    static func running(in context: ProcessContext) async -> [ControlClient.Running] {
        await ControlClient.running(in: ProcessContext.controlFolders(in: context.environment))
    }

    /// The tunnel that is meant. Without a name that is the only one.
    static func tunnel(_ name: String?, in context: ProcessContext) async throws(CommandError) -> RunningTunnel {
        let all = await running(in: context)
        let meant = try tunnels(name, among: all)
        guard let only = meant.first, meant.count == 1 else {
            let question = name == nil ? "several tunnels run, say which" : "\(shown(name)) could be several tunnels"
            throw CommandError(.usage, "\(question): \(meant.map(Self.shown).joined(separator: "; "))")
        }
        return only
    }

    /// The tunnels with a name, or all; at least one.
    static func tunnels(
        _ name: String?,
        among all: [ControlClient.Running]
    ) throws(CommandError) -> [RunningTunnel] {
        let tunnels = all.compactMap { found in found.status.map { RunningTunnel(client: found.client, status: $0) } }
        guard !tunnels.isEmpty else {
            guard let silent = all.first else {
                throw CommandError(.serverUnreachable, "no tpot runs; start one with `tpot http`")
            }
            throw CommandError(.serverUnreachable, "tpot runs as process \(silent.process), but does not answer")
        }
        guard let name else { return tunnels }
        let meant = tunnels.filter { $0.status.isMeant(by: name) }
        guard meant.isEmpty else { return meant }
        let names = tunnels.map(Self.shown).joined(separator: "; ")
        throw CommandError(.serverUnreachable, "no tunnel \(shown(name)) runs; there is \(names)")
    }

    private static func shown(_ name: String?) -> String { (name ?? "").debugDescription }

    private static func shown(_ tunnel: RunningTunnel) -> String {
        let status = tunnel.status
        return "\(status.name ?? "a tunnel") to \(status.target) (process \(status.process))"
    }

    static func failure(_ failure: ControlClient.Failure, _ tunnel: RunningTunnel) -> CommandError {
        let reason =
            switch failure {
            case .notConnected, .broken: "it has ended"
            case .silent: "it does not answer"
            case .tooLong: "its answer is too long"
            }
        return CommandError(.serverUnreachable, "\(tunnel.status.title): \(reason)")
    }

    /// - Returns: an answer that is no error.
    static func ask(
        _ tunnel: RunningTunnel,
        _ method: ControlMethod,
        _ path: String
    ) async throws(CommandError) -> [UInt8] {
        let answer: ControlClient.Answer
        do throws(ControlClient.Failure) {
            answer = try await tunnel.client.request(method, path)
        } catch {
            throw failure(error, tunnel)
        }
        guard let error = answer.error else { return answer.body }
        throw CommandError(answer.status == 400 ? .usage : .serverUnreachable, "\(tunnel.status.title): \(error)")
    }

    // MARK: Commands

    static func status(json: Bool, in context: ProcessContext) async throws {
        let all = await running(in: context)
        let tunnels = try tunnels(nil, among: all)
        for silent in all where silent.status == nil {
            ErrorLines.standard.print("tpot: warning: process \(silent.process) does not answer")
        }
        guard !json else {
            for tunnel in tunnels { StandardStream.output.put(tunnel.status.line) }
            return
        }
        let rows = [["Name", "URL", "Target", "State", "Process", "Requests", "Failed"]] + tunnels.map(\.status.cells)
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            let line = cells.joined(separator: "  ")
            StandardStream.output.print(line: String(line.reversed().drop { $0 == " " }.reversed()))
        }
    }

    /// Prints the public URL.
    /// - Parameter seconds: how long to wait for a tunnel that is online; nil not to wait.
    static func url(_ name: String?, seconds: Int?, in context: ProcessContext) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds ?? 0)
        while true {
            do throws(CommandError) {
                let status = try await tunnel(name, in: context).status
                if let url = status.url { return StandardStream.output.print(line: url) }
                throw CommandError(
                    .serverUnreachable,
                    "\(status.title) is not online yet" + (status.reason.map { ": \($0)" } ?? "")
                )
            } catch {
                guard error.status == .serverUnreachable, ContinuousClock.now < deadline else { throw error }
            }
            try await Task.sleep(for: pause)
        }
    }

    static func hold(_ name: String?, isHeld: Bool, in context: ProcessContext) async throws {
        let tunnel = try await tunnel(name, in: context)
        _ = try await ask(tunnel, .POST, isHeld ? "/v1/hold" : "/v1/release")
        let title = tunnel.status.title
        StandardStream.output.print(
            line: isHeld ? "\(title) is held: visitors wait until `tpot release`" : "\(title) is released"
        )
    }

    static func stop(_ name: String?, all: Bool, in context: ProcessContext) async throws {
        let tunnels =
            all ? try tunnels(nil, among: await running(in: context)) : [try await tunnel(name, in: context)]
        for tunnel in tunnels { _ = try await ask(tunnel, .POST, "/v1/stop") }
        let deadline = ContinuousClock.now + patience
        for tunnel in tunnels {
            while access(tunnel.client.path, F_OK) == 0, kill(tunnel.status.process, 0) == 0 {
                guard ContinuousClock.now < deadline else {
                    throw CommandError(
                        .serverUnreachable,
                        "\(tunnel.status.title) (process \(tunnel.status.process)) still runs after"
                            + " \(patience.components.seconds) s"
                    )
                }
                try await Task.sleep(for: pause)
            }
            StandardStream.output.print(line: "\(tunnel.status.title) is stopped")
        }
    }
}

/// A tunnel of a process that answers.
struct RunningTunnel: Sendable {
    var client: ControlClient
    var status: ControlStatus
}

extension ControlStatus {
    /// As a line of JSON.
    fileprivate var line: [UInt8] {
        var json = JSONWriter()
        let time = UTCTime.rfc3339(unixNanoseconds: TrafficClock.system.read().unixNanoseconds)
        json.object { write(to: &$0, time: time) }
        return json.bytes + [UInt8(ascii: "\n")]
    }

    /// For a table. What comes from another process is made safe for a terminal.
    fileprivate var cells: [String] {
        let held = isHolding ? heldFilter.map { ", holds \($0)" } ?? ", held" : ""
        let target = isTargetUp == false ? "\(target) (down)" : target
        return [name ?? "-", url ?? "-", target, state.rawValue + held, "\(process)", "\(requests)", "\(failed)"]
            .map { VisibleText.text($0) }
    }
}
