import Glibc
import NIOConcurrencyHelpers
import TPoTControl
import TPoTSystem
import TPoTWire
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A home folder in which real programs run tunnels to a target, and are asked by others.
final class ControlPlace: Sendable {
    let folder: TemporaryFolder
    let target: RawListener
    private let program: String
    private let started = NIOLockedValueBox<[SpawnedProcess]>([])

    /// - Parameter target: answers all requests; nil for `200` and `hello`.
    init(_ target: RawListener? = nil) async throws {
        folder = try TemporaryFolder()
        program = try "\(TestProgram.folder)/tpot"
        if let target { self.target = target } else { self.target = try await Targets.fixed(Targets.answer("hello")) }
    }

    deinit { for process in started.withLockedValue({ $0 }) { kill(process.identifier, SIGKILL) } }

    var home: String { folder.path }
    var environment: [String: String] {
        TestProgram.environment.merging(["HOME": home, "LC_ALL": "C.UTF-8", "TZ": "UTC"]) { $1 }
    }
    var folders: ControlFolders { ControlFolders(home: home, runtime: nil) }

    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
    }

    /// A tunnel that runs.
    struct Tunnel: Sendable {
        var process: SpawnedProcess
        var client: ControlClient
        var name: String
        var url: String

        var socket: String { client.path }
        var port: Int { url.split(separator: ":").last.flatMap { Int($0) } ?? 0 }

        /// Requests a path as a visitor, and waits for the answer.
        @discardableResult
        func visit(_ path: String, fields: String = "") async throws -> String {
            let visitor = try await RawPeer.connect(port: port)
            defer { visitor.close() }
            visitor.send("GET \(path) HTTP/1.1\r\nHost: \(name).localhost\r\n\(fields)\r\n")
            return try await visitor.readMessage()
        }

        /// Waits for the end of the process.
        func ended() async -> Int32 {
            await withCheckedContinuation { continuation in
                process.leave { continuation.resume(returning: $0) }
            }
        }
    }

    /// Starts `tpot http` without the dashboard.
    func start(_ name: String, _ options: String = "", environment: [String: String] = [:]) async throws -> Tunnel {
        let process = try spawn(
            "http 127.0.0.1:\(target.port) --local --no-ui -s \(name) \(options)",
            name,
            environment
        )
        let url = try await tpot("url \(name) --timeout 30s", environment: environment)
        guard url.status == 0 else { throw Counterexample(url.errors + (try folder.text(of: "\(name).errors"))) }
        let socket = environment["XDG_RUNTIME_DIR"].map { "\($0)/tpot" } ?? "\(home)/.tpot/run"
        return Tunnel(
            process: process,
            client: ControlClient(socket: "\(socket)/\(process.identifier).sock"),
            name: name,
            url: String(url.output.dropLast())
        )
    }

    /// Starts the program. What it prints is in `NAME.output` and `NAME.errors`.
    func spawn(_ arguments: String, _ name: String, _ more: [String: String] = [:]) throws -> SpawnedProcess {
        let script = "cd '\(home)' && exec '\(program)' \(arguments) >\(name).output 2>\(name).errors"
        let process = try SpawnedProcess(
            ["/bin/sh", "-c", script],
            in: .detached(output: "/dev/null"),
            environment: environment.merging(more) { $1 }
        )
        started.withLockedValue { $0.append(process) }
        return process
    }

    /// Runs a command to its end.
    func tpot(_ arguments: String, environment more: [String: String] = [:]) async throws -> Outcome {
        try await shell("'\(program)' \(arguments)", environment: more)
    }

    /// Runs a script in the home folder, with `tpot` in its path.
    func shell(_ script: String, environment more: [String: String] = [:]) async throws -> Outcome {
        let name = "run-\(UInt32.random(in: 0 ... .max))"
        try folder.write("PATH=\(FileSystem.folder(of: program)):$PATH\n\(script)", to: "\(name).sh")
        let process = try SpawnedProcess(
            ["/bin/sh", "-c", "cd '\(home)' && exec sh \(name).sh >\(name).output 2>\(name).errors"],
            in: .detached(output: "/dev/null"),
            environment: environment.merging(more) { $1 }
        )
        started.withLockedValue { $0.append(process) }
        // Some commands wait for others: each waits on a thread of its own, because a pool has only a few.
        let status = await withCheckedContinuation { continuation in
            process.leave { continuation.resume(returning: $0) }
        }
        return Outcome(
            status: status,
            output: try folder.text(of: "\(name).output"),
            errors: try folder.text(of: "\(name).errors")
        )
    }

    /// Waits until a file has a text. Nothing announces what another process writes.
    func wait(for text: String, in file: String) async throws {
        while (try? folder.text(of: file).contains(text)) != true { try await Task.sleep(for: .milliseconds(20)) }
    }

    func object(_ text: String) throws -> JSONObject { try JSONParser.object(text).object }
}
