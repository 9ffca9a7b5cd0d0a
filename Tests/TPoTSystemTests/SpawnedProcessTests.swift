import FoundationEssentials
import Glibc
import TPoTSystem
import Testing

@Suite(.timeLimit(.minutes(3))) struct SpawnedProcessTests {
    /// tpot ignores some signals and blocks others on its threads. A browser that it starts must not inherit that.
    @Test func ignoredAndBlockedSignalsAreNotInherited() async throws {
        let before = signal(SIGUSR2, SIG_IGN)
        defer { signal(SIGUSR2, before) }
        let output = "/tmp/tpot-spawned-\(UInt64.random(in: 0 ... .max))"
        defer { unlink(output) }
        let process = try SpawnedProcess(
            ["grep", "-E", "SigIgn|SigBlk", "/proc/self/status"],
            in: .detached(output: output)
        )
        #expect(await status(of: process) == 0)
        let text = String(decoding: try Data(contentsOf: URL(filePath: output)), as: UTF8.self)
        let masks = text.split(separator: "\n").compactMap { UInt64($0.suffix(16), radix: 16) }
        // glibc uses signals 32 and 33 itself.
        #expect(masks.map { $0 & 0x7fff_ffff } == [0, 0], "\(text)")
    }

    @Test func aProgramInTheBackgroundLeavesNoZombie() async throws {
        let process = try SpawnedProcess(["sh", "-c", "exit 3"], in: .detached())
        #expect(await status(of: process) == 3)
        #expect(kill(process.identifier, 0) != 0 && errno == ESRCH)
    }

    @Test func aMissingProgramIsAnError() {
        #expect(throws: SpawnedProcess.Failure.self) { try SpawnedProcess(["no-such-program"], in: .detached()) }
    }

    private func status(of process: SpawnedProcess) async -> Int32 {
        await withCheckedContinuation { continuation in process.leave { continuation.resume(returning: $0) } }
    }
}
