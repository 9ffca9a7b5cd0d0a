import Testing

/// Runs `Tests/Differential/run` for a minute: hostile answers and requests through real proxies.
@Suite(
    .enabled(if: TestProgram.areInstalled("python3", "nginx", "haproxy", "apache2"), "a proxy is not installed"),
    .timeLimit(.minutes(5))
)
struct DifferentialTests {
    @Test func noByteOfOneTunnelReachesAnother() async throws {
        let (status, text) = try await TestProgram.run("Differential", ["--seconds", "60"], seed: TestProgram.seed)
        #expect(status == 0, "\(text)")
    }
}
