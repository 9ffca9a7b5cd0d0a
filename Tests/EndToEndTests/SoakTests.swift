import Testing

/// Runs `Tests/Soak/run` for a minute: processes are killed, links are cut or go dead, and every byte is checked.
@Suite(.enabled(if: TestProgram.areInstalled("python3"), "python3 is not installed"), .timeLimit(.minutes(5)))
struct SoakTests {
    /// Low, because other tests run at the same time.
    private static let visitsPerSecond = 10

    @Test func everyByteArrivesForAMinute() async throws {
        let arguments = ["--minutes", "1", "--rate", "\(Self.visitsPerSecond)"]
        let (status, text) = try await TestProgram.run("Soak", arguments, seed: TestProgram.seed)
        #expect(status == 0, "\(text)")
    }
}
