import Glibc
import TPoTTerminal
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A minute of `Tests/Soak/run` with the program beside the test bundle: processes are killed, links are cut and go dead,
/// and every byte is checked.
@Suite(.enabled(if: SoakTests.python != nil, "python3 is not installed"), .timeLimit(.minutes(5)))
struct SoakTests {
    fileprivate static let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// Little, because other tests run at the same time.
    private static let visitsPerSecond = 10

    @Test func aMinute() async throws {
        let products = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = products.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        let output = "/tmp/tpot-soak-\(UInt64.random(in: 0 ... .max)).txt"
        defer { try? FileManager.default.removeItem(atPath: output) }
        let seed = UInt32.random(in: 0 ... .max)
        // Also where the output cannot be read.
        print("soak: seed \(seed)")
        let inherited = ProcessInfo.processInfo.environment.filter { $0.key == "LD_LIBRARY_PATH" }
        let process = try SpawnedProcess(
            [
                "\(ExpectedFile.root)/Tests/Soak/run", "--minutes", "1", "--rate", "\(Self.visitsPerSecond)",
                "--seed", "\(seed)", "--binary", "\(folder)/tpot",
            ],
            in: .detached(output: output),
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"].merging(inherited) { $1 }
        )
        let status = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in process.leave { continuation.resume(returning: $0) } }
        } onCancel: {
            // It stops what it has started, and says what it has seen.
            kill(process.identifier, SIGTERM)
        }
        let text = String(decoding: try Data(contentsOf: URL(filePath: output)), as: UTF8.self)
        #expect(status == 0, "\(text)")
    }
}
