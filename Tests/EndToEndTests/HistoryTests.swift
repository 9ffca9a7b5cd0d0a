import Glibc
import NIOCore
import TPoTSystem
import TPoTTunnel
import TPoTWire
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a tunnel keeps when something goes wrong around it: all with the real program, without a dashboard.
@Suite(.timeLimit(.minutes(5))) struct HistoryTests {
    private let home: TemporaryFolder
    private let target: RawListener

    init() async throws {
        home = try TemporaryFolder()
        target = try await RawListener.start { peer in
            while true {
                _ = try await peer.readMessage()
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
    }

    /// A tunnel that runs, and the server that it runs through.
    private struct Run {
        let process: SpawnedProcess
        let server: TunnelServer
        let name: String

        /// Sends requests, and waits for their answers.
        func send(_ count: Int, body: String = "") async throws {
            let visitor = try await RawPeer.connect(port: server.port)
            for index in 0..<count {
                visitor.send(
                    "POST /\(index) HTTP/1.1\r\nHost: \(name).localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                )
                #expect(try await visitor.readMessage().hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }

        /// Sends requests until the tunnel is gone.
        func sendForever() async throws {
            let visitor = try await RawPeer.connect(port: server.port)
            while true {
                visitor.send("GET /load HTTP/1.1\r\nHost: \(name).localhost\r\n\r\n")
                guard try await visitor.readMessage().hasPrefix("HTTP/1.1 200 OK\r\n") else { return }
            }
        }

        func end(_ signal: Int32 = SIGINT) async throws -> Int32 {
            kill(process.identifier, signal)
            let status = await withCheckedContinuation { done in process.leave { done.resume(returning: $0) } }
            try await server.stop().get()
            return status
        }
    }

    /// - Parameter limits: commands for the shell that starts the program.
    private func start(_ name: String = "shop", _ options: String = "", limits: String = "true") async throws -> Run {
        let server = try await Tunnel.startServer()
        let program = try "\(TestProgram.folder)/tpot"
        let script = """
            \(limits) && exec '\(program)' http 127.0.0.1:\(target.port) --no-ui -t http://localhost:\(server.port) \
            -s \(name) \(options) >\(name).lines 2>\(name).errors
            """
        let process = try SpawnedProcess(
            ["/bin/sh", "-c", "cd '\(home.path)' && \(script)"],
            in: .detached(),
            environment: TestProgram.environment.merging(["HOME": home.path]) { $1 }
        )
        let run = Run(process: process, server: server, name: name)
        try await wait(for: "//\(name).localhost", in: "\(name).lines")
        return run
    }

    /// Nothing announces what another process writes into a file.
    private func wait(for text: String, in file: String) async throws {
        while !((try? home.text(of: file))?.contains(text) ?? false) { try await Task.sleep(for: .milliseconds(20)) }
    }

    private func tpot(_ arguments: String...) async throws -> (status: Int32, output: String) {
        let process = try SpawnedProcess(
            [try "\(TestProgram.folder)/tpot"] + arguments,
            in: .detached(output: "\(home.path)/output"),
            environment: TestProgram.environment.merging(["HOME": home.path]) { $1 }
        )
        let status = await withCheckedContinuation { done in process.leave { done.resume(returning: $0) } }
        return (status, try home.text(of: "output"))
    }

    private func count(_ arguments: String...) async throws -> Int {
        let process = try await tpot("requests", "--limit", "100000", "--json", arguments.joined(separator: " "))
        return process.output.split(separator: "\n").count
    }

    private func errors(_ name: String = "shop") throws -> String { try home.text(of: "\(name).errors") }

    /// A tunnel that is killed under load leaves a file that is whole, and at most its last second is missing.
    @Test func aKilledTunnelLosesItsLastMomentOnly() async throws {
        let run = try await start()
        try await run.send(200, body: String(repeating: "x", count: 2000))
        try await Task.sleep(for: .seconds(1))
        async let load: Void = run.sendForever()
        try await wait(for: " /load ", in: "shop.lines")
        _ = try await run.end(SIGKILL)
        _ = try? await load
        #expect(try await count() >= 200)
        #expect(try await count("body:x") >= 200)
        let next = try await start("next")
        try await next.send(1)
        #expect(try await next.end() == 0)
        #expect(try !errors("next").contains("warning"))
    }

    @Test func twoTunnelsShareAHistory() async throws {
        let (one, other) = (try await start("one"), try await start("other"))
        async let first: Void = one.send(400)
        async let second: Void = other.send(400)
        _ = try await (first, second)
        #expect(try await one.end() == 0)
        #expect(try await other.end() == 0)
        #expect(try await count() == 800)
        #expect(
            try await tpot("requests", "--tunnel", "one", "--limit", "1000").output.split(separator: "\n").count == 400
        )
        #expect(try !errors("one").contains("warning") && !errors("other").contains("warning"))
    }

    /// The disk is full: that is said once, and the tunnel goes on.
    @Test func aFullDiskEndsOnlyTheHistory() async throws {
        // No file may get larger than this.
        let run = try await start(limits: "ulimit -f 600")
        try await run.send(3)
        while try await count() < 3 { try await Task.sleep(for: .milliseconds(20)) }
        try await run.send(60, body: String(repeating: "x", count: 20_000))
        try await wait(for: "are not kept", in: "shop.errors")
        try await run.send(20)
        #expect(try await run.end() == 0)
        #expect(try errors().split(separator: "\n").count { $0.contains("are not kept") } == 1)
        #expect(try await count() >= 3)
    }

    @Test func aFileThatCannotBeWrittenEndsOnlyTheHistory() async throws {
        // The superuser could write into any folder; a folder in place of the file keeps everyone out.
        try home.write("", to: ".tpot/history.sqlite/file")
        let run = try await start("shop", "--log-format json")
        try await run.send(3)
        #expect(try await run.end() == 0)
        #expect(try errors().split(separator: "\n").count { $0.contains("are not kept") } == 1)
        #expect(try !home.text(of: "shop.lines").contains("\"number\""))
    }

    @Test func aDamagedFileEndsOnlyTheHistory() async throws {
        let text = "SQLite format 3\u{0}" + String(repeating: "damage", count: 4000)
        try home.write(text, to: ".tpot/history.sqlite")
        let run = try await start()
        try await run.send(3)
        #expect(try await run.end() == 0)
        #expect(try errors().contains("are not kept") && errors().contains("move it away"))
        #expect(try home.text(of: ".tpot/history.sqlite") == text)
    }
}
