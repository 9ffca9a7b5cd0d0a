import Glibc
import TPoTSystem
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The real program, with a standard error that is no longer read.
@Suite(.timeLimit(.minutes(3))) struct UnreadLogTests {
    @Test func aServerServesAndStopsWhileItsLogIsNotRead() async throws {
        let pipe = "/tmp/tpot-unread-\(UInt64.random(in: 0 ... .max))"
        try #require(mkfifo(pipe, 0o600) == 0)
        defer { unlink(pipe) }
        let reader = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        let products = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = products.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        let process = try SpawnedProcess(
            ["/bin/sh", "-c", "exec \(folder)/tpot server --bind 127.0.0.1 --port 0 --domain localhost -d 2>&1"],
            in: .detached(output: pipe),
            environment: ProcessInfo.processInfo.environment
        )
        defer { kill(process.identifier, SIGKILL) }
        let port = try await listeningPort(reader)
        // F_SETPIPE_SZ of fcntl(2): 30 tunnels fill it.
        #expect(fcntl(reader, 1031, 4096) == 4096)
        for number in 1...200 {
            let client = try await ScriptedClient.connect(port: port, name: "unread-\(number)")
            client.peer.close()
        }
        let visitor = try await RawPeer.connect(port: port)
        visitor.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try await visitor.readMessage().hasSuffix("ok\n"))
        visitor.close()
        kill(process.identifier, SIGTERM)
        let status = await withCheckedContinuation { continuation in
            process.leave { continuation.resume(returning: $0) }
        }
        #expect(status == 0)
    }

    /// The port in the log line `listening on 127.0.0.1:PORT`.
    private func listeningPort(_ descriptor: Int32) async throws -> Int {
        var text = ""
        while true {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &bytes, bytes.count)
            if count > 0 { text += String(decoding: bytes[..<count], as: UTF8.self) }
            if let range = text.firstRange(of: "127.0.0.1:"), let end = text[range.upperBound...].firstIndex(of: " "),
                let port = Int(text[range.upperBound..<end])
            {
                return port
            }
            // The pipe is read without blocking, so nothing announces new bytes.
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
