import Glibc
import NIOCore
import TPoTWire
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The example of the README for scripts works as it stands.
@Suite(.timeLimit(.minutes(5)), .enabled(if: TestProgram.areInstalled("curl"))) struct ReadmeExampleTests {
    @Test func theExampleForScriptsWorks() async throws {
        let page = try String(contentsOfFile: "\(ExpectedFile.root)/README.md", encoding: .utf8)
        let section = try #require(page.components(separatedBy: "### In scripts and CI\n").last)
        let example = try #require(
            section.components(separatedBy: "```sh\n").dropFirst().first?.components(separatedBy: "```").first
        )
        let target: RawListener
        do {
            target = try await RawListener.start(port: 8080) { peer in
                while true {
                    _ = try await peer.readMessage()
                    peer.send(Targets.answer("ok\n"))
                }
            }
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            // Another program on this machine has the port that the example uses.
            return
        }
        let place = try await ControlPlace(target)
        let outcome = try await place.shell("set -e\n" + example)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 3 && lines.first == "ok")
        let request = try place.object(String(lines.dropFirst().first ?? ""))
        #expect(request["path"] == .string("/webhooks") && request["status"] == .number("200"))
        #expect(lines.last?.hasSuffix(" is stopped") == true)
        try await target.stop()
    }
}
