import Testing

/// A minute of `Tests/Soak/run`: processes are killed, links are cut and go dead, and every byte is checked.
@Suite(.enabled(if: TestProgram.areInstalled("python3"), "python3 is not installed"), .timeLimit(.minutes(5)))
struct SoakTests {
    /// Little, because other tests run at the same time.
    private static let visitsPerSecond = 10

    @Test func aMinute() async throws {
        let arguments = ["--minutes", "1", "--rate", "\(Self.visitsPerSecond)"]
        let (status, text) = try await TestProgram.run("Soak", arguments, seed: TestProgram.seed)
        #expect(status == 0, "\(text)")
    }
}
