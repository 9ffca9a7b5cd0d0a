import Glibc
import TPoTSystem
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `tpot demo`, as a script sees it.
@Suite(.timeLimit(.minutes(3))) struct DemoTests {
    @Test func theStoryIsToldAndEndsCleanly() async throws {
        let output = "/tmp/tpot-demo-\(UInt64.random(in: 0 ... .max)).txt"
        defer { unlink(output) }
        let process = try SpawnedProcess(
            [try "\(TestProgram.folder)/tpot", "demo", "--no-ui"],
            in: .detached(output: output),
            environment: TestProgram.environment
        )
        defer { kill(process.identifier, SIGKILL) }
        var missing = [
            "200 GET / ", "200 GET /teapot.svg ", "500 POST /webhooks/stripe ", "202 POST /webhooks/github ",
            "200 POST /webhooks/shopify ", "200 POST /slack/events ", "201 POST /photos ", "404 GET /wp-login.php ",
            "200 GET /api/products ", "200 GET /reports/november.csv ", "--- GET /reports/all.csv ",
            "why=visitor-left after=2.0s", "why=target-gone",
        ]
        while !missing.isEmpty {
            let text = String(decoding: try Data(contentsOf: URL(filePath: output)), as: UTF8.self)
            missing.removeAll(where: text.contains)
            // Nothing announces what another process writes into a file.
            try await Task.sleep(for: .milliseconds(50))
        }
        // The stream and the WebSocket go on.
        kill(process.identifier, SIGINT)
        let status = await withCheckedContinuation { continuation in
            process.leave { continuation.resume(returning: $0) }
        }
        #expect(status == 0)
        let text = String(decoding: try Data(contentsOf: URL(filePath: output)), as: UTF8.self)
        #expect(text.contains(" 101 GET /stock ") && text.contains(" 200 GET /orders/live "))
    }
}
