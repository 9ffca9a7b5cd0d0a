import Testing

/// The configurations of `Tests/Proxies`, in the real programs.
@Suite(
    .enabled(
        if: TestProgram.areInstalled("nginx", "haproxy", "apache2", "caddy", "openssl", "python3"),
        "a proxy is not installed"
    ),
    .timeLimit(.minutes(5))
)
struct ProxyTests {
    @Test func aTunnelWorksThroughEachProxy() async throws {
        let (status, text) = try await TestProgram.run("Proxies", [], seed: 0)
        #expect(status == 0, "\(text)")
    }
}
