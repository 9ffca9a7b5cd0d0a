import Glibc
import NIOConcurrencyHelpers
import TPoTSystem
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a tunnel has captured is replayed, compared and exported after it has ended: all with the real program.
@Suite(.timeLimit(.minutes(3))) struct ReplayCommandTests {
    private let home: TemporaryFolder
    private let environment: [String: String]

    init() throws {
        home = try TemporaryFolder()
        environment = TestProgram.environment.merging(["HOME": home.path]) { $1 }
    }

    private func start(_ arguments: [String], output: String) throws -> SpawnedProcess {
        try SpawnedProcess(
            [try "\(TestProgram.folder)/tpot"] + arguments,
            in: .detached(output: "\(home.path)/\(output)"),
            environment: environment
        )
    }

    private func status(of process: SpawnedProcess) async -> Int32 {
        await withCheckedContinuation { continuation in process.leave { continuation.resume(returning: $0) } }
    }

    private func tpot(_ arguments: String...) async throws -> (status: Int32, output: String) {
        let process = try start(arguments, output: "output")
        return (await status(of: process), try home.text(of: "output"))
    }

    @Test func aBugIsCapturedMendedAndReplayed() async throws {
        let isMended = NIOLockedValueBox(false)
        let target = try await RawListener.start { peer in
            while true {
                _ = try await peer.readMessage()
                let status = isMended.withLockedValue { $0 } ? "200 OK" : "500 Oh"
                peer.send("HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
            }
        }
        let server = try await Tunnel.startServer()
        let tunnel = try start(
            ["http", "127.0.0.1:\(target.port)", "--no-ui", "-t", "http://localhost:\(server.port)", "-s", "shop"],
            output: "lines"
        )
        defer { kill(tunnel.identifier, SIGKILL) }
        // Nothing announces what another process writes into a file.
        while !(try home.text(of: "lines").contains("\nhttp")) { try await Task.sleep(for: .milliseconds(20)) }
        let visitor = try await RawPeer.connect(port: server.port)
        visitor.send("POST /hook HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 7\r\n\r\n{\"a\":1}")
        #expect(try await visitor.readMessage().hasPrefix("HTTP/1.1 500 Oh\r\n"))
        kill(tunnel.identifier, SIGINT)
        #expect(await status(of: tunnel) == 0)
        try await server.stop().get()

        let bad = try await tpot("replay", "is:failed")
        #expect(bad.status == 1 && bad.output.contains("  POST /hook  500 → 500  "))
        isMended.withLockedValue { $0 = true }
        let mended = try await tpot("replay", "1")
        #expect(mended.status == 0 && mended.output.contains("✓ fixed"))
        let newest = try #require(mended.output.split(separator: " ").dropFirst(2).first.map(String.init))
        let difference = try await tpot("diff", "1", newest)
        #expect(difference.status == 1 && difference.output == "request: same\nresponse:\n-status: 500\n+status: 200\n")
        let file = "\(home.path)/all.har"
        #expect(try await tpot("export", "--har", file).output.hasPrefix("3 requests written to \(file), "))
        #expect(try home.text(of: "all.har").contains("\"_replayOf\":1"))
    }
}
