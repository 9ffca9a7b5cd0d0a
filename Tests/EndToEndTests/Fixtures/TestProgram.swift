import Glibc
import TPoTSystem
import TestSupport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A program in `Tests/` that tests the built `tpot` from outside, together with other programs.
enum TestProgram {
    /// Whether these programs are installed.
    static func areInstalled(_ names: String...) -> Bool {
        names.allSatisfy { name in
            ["/usr/bin", "/usr/sbin", "/usr/local/bin"].contains {
                FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
            }
        }
    }

    /// The seed for random input: from `TPOT_TEST_SEED`, otherwise random.
    static var seed: UInt32 {
        ProcessInfo.processInfo.environment["TPOT_TEST_SEED"].flatMap(UInt32.init) ?? .random(in: 0 ... .max)
    }

    /// The folder of the test bundle, which also contains `tpot`.
    static var folder: String {
        get throws {
            try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
                .split(separator: "/").dropLast().map { "/" + $0 }.joined()
        }
    }

    /// The environment for a program that inherits nothing else from the test.
    static var environment: [String: String] {
        let inherited = ProcessInfo.processInfo.environment.filter { $0.key == "LD_LIBRARY_PATH" }
        return ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin"].merging(inherited) { $1 }
    }

    /// Runs `Tests/NAME/run` with the `tpot` beside the test bundle, and waits until it ends.
    ///
    /// - Returns: its exit status and its output.
    static func run(_ name: String, _ arguments: [String], seed: UInt32) async throws -> (status: Int32, text: String) {
        let folder = try folder
        let output = "/tmp/tpot-\(name)-\(UInt64.random(in: 0 ... .max)).txt"
        defer { try? FileManager.default.removeItem(atPath: output) }
        // The output has the seed, too, but may not be readable.
        print("\(name): seed \(seed)")
        let process = try SpawnedProcess(
            ["\(ExpectedFile.root)/Tests/\(name)/run", "--seed", "\(seed)", "--binary", "\(folder)/tpot"] + arguments,
            in: .detached(output: output),
            environment: environment
        )
        let status = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in process.leave { continuation.resume(returning: $0) } }
        } onCancel: {
            // The program then stops what it started, and prints what it saw.
            kill(process.identifier, SIGTERM)
        }
        return (status, String(decoding: try Data(contentsOf: URL(filePath: output)), as: UTF8.self))
    }
}
