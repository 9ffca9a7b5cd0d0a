import ArgumentParser
import FoundationEssentials
import Glibc
import NIOCore
import TPoTControl
import TPoTSystem

/// Carries out `tpot http … --detach`: starts a tunnel that outlives the terminal.
enum DetachCommandRunner {
    private static let pause = Duration.milliseconds(50)
    /// How long a process may take to say how it is.
    private static let patience = TimeAmount.seconds(2)
    private static let logAge: time_t = 7 * 24 * 3600
    /// The most bytes of the log that are shown if the tunnel does not come up.
    private static let shownBytes = 64 * 1024
    /// The most bytes of standard input that a key or token may take.
    private static let inputLimit = 64 * 1024
    private static let variablePrefix = "TPOT_"

    /// - Parameters:
    ///   - arguments: all of this program.
    ///   - target: what the list of processes shows.
    static func start(_ arguments: [String], target: String, in context: ProcessContext) async throws {
        let folders = ProcessContext.controlFolders(in: context.environment)
        guard let folder = folders.folder else {
            throw CommandError(.badConfig, "--detach has no place for its socket and log: set HOME, or XDG_RUNTIME_DIR")
        }
        do throws(FileError) {
            try folders.make()
        } catch {
            throw CommandError(.badConfig, "\(folder): \(error.reason)")
        }
        removeOldLogs(folder)
        let child = try spawn(arguments, target: target, log: "\(folder)/starting-\(getpid()).log", in: context)
        let log = "\(folder)/\(child.identifier).log"
        rename("\(folder)/starting-\(getpid()).log", log)
        let signals = StopSignals { _ in kill(child.identifier, SIGTERM) }
        try await wait(for: child, folders, log)
        withExtendedLifetime(signals) {}
    }

    private static func spawn(
        _ arguments: [String],
        target: String,
        log: String,
        in context: ProcessContext
    ) throws(CommandError) -> SpawnedProcess {
        var start = DetachedStart(
            arguments: arguments.filter { $0 != "--detach" } + ["--no-ui"],
            variables: context.environment.filter { $0.key.hasPrefix(variablePrefix) }.map { "\($0)=\($1)" }
        )
        // A key or token that is read from standard input.
        if arguments.contains(where: { $0 == "-" || $0.hasSuffix("=-") }) {
            do throws(FileError) {
                start.input = Array((try context.readStandardInputLine("key or token: ", inputLimit) + "\n").utf8)
            } catch {
                throw CommandError(.badConfig, "standard input: \(error.reason)")
            }
        }
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "tpot"
        do throws(SpawnedProcess.Failure) {
            return try SpawnedProcess(
                [program, "http", target, DetachedStart.flag],
                in: .detached(input: start.bytes, output: log),
                environment: context.environment.filter { !$0.key.hasPrefix(variablePrefix) }
            )
        } catch {
            throw CommandError(.badConfig, "\(program) cannot be started: \(error)")
        }
    }

    /// Waits until the tunnel is up. If it does not come up, its messages and its exit status become ours.
    private static func wait(for child: SpawnedProcess, _ folders: ControlFolders, _ log: String) async throws {
        let client = folders.socket(of: child.identifier).map { ControlClient(socket: $0) }
        while true {
            if let status = child.endedStatus() {
                let text = (try? FileSystem.text(of: log, limit: 16 * 1024 * 1024)) ?? ""
                ErrorLines.standard.print(String(text.suffix(shownBytes)).trimmingLineEnds)
                unlink(log)
                throw ExitCode(status)
            }
            let answer = try? await client?.request(.GET, "/v1/status", patience: patience)
            if let status = answer.flatMap({ ControlStatus(json: $0.body) }), status.state == .online,
                let url = status.url
            {
                StandardStream.output.print(line: url)
                ErrorLines.standard.print(
                    "tpot: process \(child.identifier) goes on; `tpot stop \(status.title)` ends it; its log is \(log)"
                )
                return
            }
            try await Task.sleep(for: pause)
        }
    }

    /// Removes logs of processes that have ended some time ago.
    private static func removeOldLogs(_ folder: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasSuffix(".log") {
            var status = stat()
            let path = "\(folder)/\(name)"
            let process = Int32(name.dropLast(".log".count))
            guard stat(path, &status) == 0, time(nil) - status.st_mtim.tv_sec > logAge else { continue }
            if let process, kill(process, 0) == 0 { continue }
            unlink(path)
        }
    }
}

extension String {
    fileprivate var trimmingLineEnds: String {
        var text = self[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}
