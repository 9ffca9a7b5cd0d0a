import Glibc
import TPoTControl
import TPoTWire
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The commands that look at running tunnels and control them, as a shell runs them.
@Suite(.timeLimit(.minutes(5))) struct ControlCommandTests {
    @Test func withoutATunnelEveryCommandSaysSo() async throws {
        let place = try await ControlPlace()
        for command in ["status", "status --json", "url", "hold", "release", "stop", "stop --all", "wait --timeout 1s"]
        {
            let outcome = try await place.tpot(command)
            #expect(outcome.status == 69 && outcome.output.isEmpty, "\(command)")
            #expect(outcome.errors == "tpot: no tpot runs; start one with `tpot http`\n", "\(command)")
        }
    }

    @Test func aTunnelIsFoundAndStopped() async throws {
        let place = try await ControlPlace()
        let tunnel = try await place.start("shop")
        #expect(tunnel.url == "http://shop.localhost:\(tunnel.port)")
        #expect(try place.folder.mode(of: ".tpot/run") == 0o700)
        #expect(try place.folder.mode(of: ".tpot/run/\(tunnel.process.identifier).sock") == 0o700)
        try await tunnel.visit("/")
        let table = try await place.tpot("status").output
        #expect(
            table.hasPrefix("Name  URL ")
                && table.contains("\nshop  \(tunnel.url)  127.0.0.1:\(place.target.port)  online")
        )
        let status = try place.object(try await place.tpot("status --json").output)
        #expect(status["pid"] == .number("\(tunnel.process.identifier)") && status["state"] == .string("online"))
        #expect(status["requests"] == .number("1") && status["persistent"] == .bool(true))
        let stopped = try await place.tpot("stop shop")
        #expect(stopped.status == 0 && stopped.output == "shop is stopped\n")
        #expect(await tunnel.ended() == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(place.home)/.tpot/run").isEmpty)
    }

    @Test func visitorsWaitWhileATunnelIsHeld() async throws {
        let place = try await ControlPlace()
        let tunnel = try await place.start("shop")
        #expect(try await place.tpot("hold").output == "shop is held: visitors wait until `tpot release`\n")
        let visit = Task { try await tunnel.visit("/held") }
        while try await place.object(place.tpot("status --json").output)["waiting"] != .number("1") {
            try await Task.sleep(for: .milliseconds(50))
        }
        let list = try await tunnel.client.request(.GET, "/v1/exchanges?filter=is:held")
        #expect(String(decoding: list.body, as: UTF8.self).contains("\"state\":\"held\""))
        #expect(try await place.tpot("status").output.contains("online, held"))
        #expect(try await place.tpot("release").output == "shop is released\n")
        #expect(try await visit.value.hasSuffix("hello"))
    }

    @Test func withSeveralTunnelsANameIsNeeded() async throws {
        let place = try await ControlPlace()
        let first = try await place.start("one")
        let second = try await place.start("two")
        let question = try await place.tpot("url")
        #expect(question.status == 64 && question.output.isEmpty)
        #expect(question.errors.hasPrefix("tpot: several tunnels run, say which: one to 127.0.0.1:"))
        #expect(question.errors.contains("; two to 127.0.0.1:"))
        #expect(try await place.tpot("url two").output == "\(second.url)\n")
        #expect(try await place.tpot("url \(first.process.identifier)").output == "\(first.url)\n")
        let target = try await place.tpot("hold 127.0.0.1:\(place.target.port)")
        #expect(target.status == 64 && target.errors.contains("could be several tunnels"))
        let unknown = try await place.tpot("stop three")
        #expect(unknown.status == 69 && unknown.errors.hasPrefix("tpot: no tunnel \"three\" runs; there is one to"))
        #expect(try await place.tpot("stop --all").status == 0)
        #expect(await first.ended() == 0)
        #expect(await second.ended() == 0)
    }

    @Test func whatAKilledProcessLeavesIsRemoved() async throws {
        let place = try await ControlPlace()
        let tunnel = try await place.start("shop")
        kill(tunnel.process.identifier, SIGKILL)
        _ = await tunnel.ended()
        #expect(access(tunnel.socket, F_OK) == 0)
        #expect(try await place.tpot("status").status == 69)
        #expect(access(tunnel.socket, F_OK) != 0)
    }

    /// A second signal ends the program in the middle of things.
    @Test func aHurriedEndLeavesNoSocket() async throws {
        let place = try await ControlPlace()
        let tunnel = try await place.start("shop")
        kill(tunnel.process.identifier, SIGTERM)
        kill(tunnel.process.identifier, SIGTERM)
        #expect(await tunnel.ended() == 0)
        #expect(access(tunnel.socket, F_OK) != 0)
    }

    @Test func aSocketThatCannotBeMadeIsSaidOnceAndTheTunnelGoesOn() async throws {
        let place = try await ControlPlace()
        try place.folder.write("", to: ".tpot/run")
        let process = try place.spawn("http 127.0.0.1:\(place.target.port) --local --no-ui", "out")
        try await place.wait(for: "http://", in: "out.output")
        let errors = try place.folder.text(of: "out.errors")
        #expect(errors.split(separator: "\n").count { $0.contains("warning: other programs cannot find") } == 1)
        kill(process.identifier, SIGTERM)
    }

    @Test func aHomeWithALongPathUsesTheFolderOfTheSession() async throws {
        let place = try await ControlPlace()
        let long = "\(place.home)/\(String(repeating: "long", count: 25))"
        let environment = ["HOME": long, "XDG_RUNTIME_DIR": place.home]
        try FileManager.default.createDirectory(atPath: long, withIntermediateDirectories: true)
        let tunnel = try await place.start("shop", environment: environment)
        #expect(access("\(place.home)/tpot/\(tunnel.process.identifier).sock", F_OK) == 0)
        #expect(try place.folder.mode(of: "tpot") == 0o700)
    }

    @Test func theDemoHasNoSocket() async throws {
        let place = try await ControlPlace()
        let process = try place.spawn("demo --no-ui", "demo")
        try await place.wait(for: "http://", in: "demo.output")
        #expect(try await place.tpot("status").status == 69)
        kill(process.identifier, SIGTERM)
    }

    /// Root may connect to any socket, but this one is not root's.
    @Test(.enabled(if: geteuid() == 0 && TestProgram.areInstalled("setpriv")))
    func anotherUserIsRefused() async throws {
        let place = try await ControlPlace()
        chmod(place.home, 0o777)
        chown(place.home, 65534, 65534)
        let tpot = try "\(TestProgram.folder)/tpot"
        _ = try await place.shell(
            """
            setpriv --reuid=65534 --clear-groups '\(tpot)' http 127.0.0.1:\(place.target.port) --local --no-ui >out 2>err &
            echo $! >pid
            """
        )
        let process = Int32(try place.folder.text(of: "pid").filter { $0 != "\n" }) ?? 0
        defer { kill(process, SIGKILL) }
        let socket = "\(place.home)/.tpot/run/\(process).sock"
        try await place.wait(for: "http://", in: "out")
        let peer = try await RawPeer.connect(unixSocket: socket)
        peer.send("GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let answer = try await peer.readToEnd().text
        // What is sent may be lost when the connection is closed at once.
        let isToldWhy = answer.hasPrefix("HTTP/1.1 403 ") && answer.contains("this is for the user who runs tpot")
        #expect(isToldWhy || answer.isEmpty, "\(answer)")
    }
}
