import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What `tpot server` writes on standard error.
@Suite(.timeLimit(.minutes(3))) struct ServerLogTests {
    @Test func withLogFormatJSONEveryLineIsJSON() async throws {
        let lines = try await log("--log-format", "json")
        #expect(lines.count >= 3)
        #expect(lines.allSatisfy { $0.hasPrefix(#"{"type":"log","time":""#) && $0.hasSuffix("\"}") })
        #expect(lines.first?.contains(#""level":"info","message":"listening on 127.0.0.1:"#) == true)
    }

    @Test func byDefaultLinesAreText() async throws {
        #expect(try await log().first?.contains(" info: listening on 127.0.0.1:") == true)
    }

    /// The lines of a server that is stopped as soon as it has started.
    private func log(_ options: String...) async throws -> [String] {
        let file = "/tmp/tpot-log-\(UInt64.random(in: 0 ... .max)).txt"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let server = "'\(try TestProgram.folder)/tpot' server --domain localhost --bind 127.0.0.1 --port 0"
        let script = """
            \(server) \(options.joined(separator: " ")) 2> \(file) & server=$!
            until grep -q listening \(file); do kill -0 $server && sleep 0.05 || exit 1; done
            kill -TERM $server && wait $server
            """
        try await ChildProcess.run(
            ["sh", "-c", script],
            environment: TestProgram.environment,
            within: .seconds(60)
        )
        return String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }
}
