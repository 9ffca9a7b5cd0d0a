import Glibc
import TestSupport
import Testing

@testable import TPoTCommand

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `tpot http --detach`, as a script uses it.
@Suite(.timeLimit(.minutes(5))) struct DetachTests {
    @Test func aScriptStartsWaitsAndStops() async throws {
        let place = try await ControlPlace()
        let outcome = try await place.shell(
            """
            url=$(tpot http 127.0.0.1:\(place.target.port) --local -s ci --detach) || exit
            echo "$url"
            curl -s --resolve "ci.localhost:${url##*:}:127.0.0.1" "$url/hook"
            echo
            tpot wait path:/hook --timeout 20s --json | sed 's/.*"path":"\\([^"]*\\)".*/\\1/'
            pid=$(tpot status --json | sed 's/.*"pid":\\([0-9]*\\).*/\\1/')
            tr '\\0' ' ' </proc/$pid/cmdline
            tr '\\0' '\\n' </proc/$pid/environ | grep -c TPOT
            stat -c %a .tpot/run/$pid.log
            tpot stop ci
            grep -c 'GET /hook' .tpot/run/$pid.log
            """,
            environment: ["TPOT_FORWARDED_HEADERS": "true"]
        )
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("http://ci.localhost:") == true, "\(outcome.errors)")
        #expect(lines.dropFirst().first == "hello" && lines.dropFirst(2).first == "/hook")
        // Nothing that could be a key or a token: neither options nor variables.
        #expect(lines.dropFirst(3).first?.hasSuffix("tpot http 127.0.0.1:\(place.target.port) --detached 0") == true)
        #expect(lines.dropFirst(4) == ["600", "ci is stopped", "1"])
        #expect(outcome.errors.contains("`tpot stop ci` ends it; its log is "))
    }

    @Test func whatHindersItIsSaidAndNothingIsLeft() async throws {
        let place = try await ControlPlace()
        let port = try RefusedPort.take()
        let outcome = try await place.tpot("http 8080 -t localhost:\(port) --detach")
        #expect(outcome.status == 69 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("tpot: the server http://localhost:\(port) cannot be reached"))
        let wrong = try await place.tpot("http 99999 --detach")
        #expect(wrong.status == 64 && wrong.errors.contains("99999"))
        #expect(try await place.shell("ls .tpot/run").output.isEmpty)
    }

    /// What is on standard input after the texts is for who reads the key.
    @Test func whatAProcessIsStartedWithComesBack() throws {
        let start = DetachedStart(
            arguments: ["http", "", "ä b", "--no-ui"],
            variables: ["TPOT_AUTH_KEY=a=b\nc"],
            input: Array("key\n".utf8)
        )
        let read = try Self.read(start.bytes)
        #expect(read.start == DetachedStart(arguments: start.arguments, variables: start.variables))
        #expect(read.rest == start.input)
    }

    @Test(arguments: ["", "1", "x\01\0", "2\00\0a\0", "99999999999999999999\01\0", "-1\00\0", "1\00\0\u{ff}"])
    func somethingElseOnStandardInputIsNoStart(text: String) throws {
        #expect(try Self.read(Array(text.utf8)).start == nil)
    }

    private static func read(_ bytes: [UInt8]) throws -> (start: DetachedStart?, rest: [UInt8]) {
        let folder = try TemporaryFolder()
        try Data(bytes).write(to: URL(filePath: folder.path + "/input"))
        let descriptor = open(folder.path + "/input", O_RDONLY)
        defer { close(descriptor) }
        let start = DetachedStart.read(from: descriptor)
        var rest = [UInt8](repeating: 0, count: 100)
        let count = Glibc.read(descriptor, &rest, 100)
        return (start, Array(rest.prefix(max(0, count))))
    }
}
