import NIOConcurrencyHelpers
import NIOCore
import TPoTInspect
import TPoTWire
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Exported commands, run by real shells with the real curl, against a target that compares every byte.
@Suite(.enabled(if: isExecutable("/usr/bin/curl"), "curl is not installed"), .timeLimit(.minutes(3)))
struct CurlTests {
    private static let shells = ["/bin/sh", "/bin/bash", "/usr/bin/zsh"].filter(isExecutable)

    /// The fields that follow the request line and `Host: HOST` in a request of curl.
    private static let fields = "User-Agent: a b/1\r\nAccept: */*\r\n"
    private static let form = "Content-Type: application/x-www-form-urlencoded\r\n"

    private static let odd =
        "'single' \"double\" `id` $HOME $(id) \\ \\n ! !! # ~ * ? [a] {b,c} ; & | < > % %41 \u{e4}\u{65e5}"

    /// Requests as the target received them. `HOST` stands for its address.
    private static let requests: [(head: String, body: [UInt8])] = [
        ("GET / HTTP/1.1\r\nHost: HOST\r\n\(fields)", []),
        ("GET /a/../b//c?x=[1]&y='%20\"#f HTTP/1.1\r\nHost: HOST\r\n\(fields)", []),
        ("GET /it's?a=$HOME&b=`id`!! HTTP/1.1\r\nHost: HOST\r\n\(fields)", []),
        ("GET /\u{e4}\u{1f600}? HTTP/1.0\r\nHost: HOST\r\n\(fields)", []),
        ("OPTIONS * HTTP/1.1\r\nHost: HOST\r\n\(fields)", []),
        ("HEAD /head HTTP/1.1\r\nHost: HOST\r\n\(fields)", []),
        ("DELETE /-d HTTP/1.1\r\nHost: HOST\r\n", []),
        (
            "M-SEARCH /x HTTP/1.1\r\naccept:text/html\r\nhOST:  elsewhere.example:81 \r\nX-Twice: 1\r\nX-Twice: 2\r\nEmpty:\r\n",
            []
        ),
        (
            "GET / HTTP/1.1\r\nHost: HOST\r\n\(fields)X-Odd: \(odd)\r\n-X: --dash -H\r\nCookie: a=\"b\"; c='d'\r\nX-At: @/etc/passwd\r\n",
            []
        ),
        (
            "POST /form HTTP/1.1\r\nHost: HOST\r\n\(fields)Content-Type: x/y\r\nContent-Length: 11\r\n",
            bytes("@/etc/hosts")
        ),
        ("POST /dash HTTP/1.1\r\nHost: HOST\r\n\(fields)Content-Length: 6\r\n", bytes("--data")),
        ("PUT /text HTTP/1.1\r\nContent-Length: 7\r\nHost: HOST\r\n", bytes("a\r\nb\n\t\n")),
        ("POST /odd HTTP/1.1\r\nHost: HOST\r\n\(fields)Content-Length: \(odd.utf8.count)\r\n", bytes(odd)),
        ("POST /binary HTTP/1.1\r\nHost: HOST\r\n\(fields)Content-Length: 6\r\n", [0, 0xff, 0x0a, 0x0d, 0x27, 0]),
        ("GET /body HTTP/1.1\r\nHost: HOST\r\n\(fields)Content-Length: 2\r\n", bytes("{}")),
        (
            "POST /chunks HTTP/1.1\r\nHost: HOST\r\n\(fields)Transfer-Encoding: chunked\r\n",
            bytes("3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n")
        ),
        (
            "POST /chunk HTTP/1.1\r\nX: y\r\nTransfer-Encoding: chunked\r\nHost: HOST\r\nContent-Type: x/y\r\nExpect:\r\n",
            bytes("e\r\n{\"a\":\"' \u{e4}\"}\n\r\n0\r\n\r\n")
        ),
        (
            "POST /chunk HTTP/1.1\r\nHost: HOST\r\n\(fields)Content-Type: x/y\r\nTransfer-Encoding: chunked\r\n",
            bytes("2000\r\n" + String(repeating: "x", count: 8192) + "\r\n0\r\n\r\n")
        ),
        (
            "POST /chunk HTTP/1.1\r\nHost: HOST\r\n\(fields)Transfer-Encoding: chunked\r\n",
            bytes("2\r\n") + [0, 0xff] + bytes("\r\n0\r\n\r\n")
        ),
        ("POST /form HTTP/1.1\r\nHost: HOST\r\n\(fields)Content-Length: 3\r\n\(form)", bytes("a=1")),
        ("POST /form HTTP/1.1\r\nHost: HOST\r\n\(form)Content-Length: 3\r\n\(fields)", bytes("a=1")),
        ("POST /form HTTP/1.1\r\n\(fields)Content-Length: 3\r\nHost: HOST\r\n\(form)", bytes("a=1")),
        ("POST /form HTTP/1.1\r\nHost: HOST\r\n\(form)Content-Length: 3\r\n\(form)", bytes("a=1")),
        ("GET / HTTP/1.1\r\nHost: HOST\r\nAccept: */*\r\nUser-Agent: x\r\n", []),
        ("GET / HTTP/1.1\r\nHost: HOST\r\n\(fields)\(fields)", []),
        ("GET / HTTP/1.1\r\nHost: elsewhere.example\r\nUser-Agent:  it's $x \r\nAccept: */*\r\n", []),
        ("GET / HTTP/1.1\r\nUser-Agent: \(odd)\r\nAccept: */*\r\nHost: HOST\r\n", []),
        ("GET / HTTP/1.1\r\nHost: HOST\r\nUser-Agent:\r\nAccept: text/html\r\n", []),
        ("GET / HTTP/1.1\r\nHost: HOST\r\n\(fields)Accept-Encoding: gzip, deflate, br, zstd\r\nX: y\r\n", []),
        ("GET / HTTP/1.1\r\nHost: HOST\r\naccept-encoding: gzip\r\n", []),
        ("POST /none HTTP/1.1\r\nHost: HOST\r\n\(fields)Content-Length: 0\r\n", []),
        (
            "POST /long HTTP/1.1\r\nHost: HOST\r\n\(fields)Content-Length: 40000\r\n",
            [UInt8](repeating: 0x61, count: 40_000)
        ),
    ]

    @Test(arguments: requests.indices)
    func aCommandSendsTheSameBytes(index: Int) async throws {
        let (head, body) = Self.requests[index]
        try await sendsTheSame(Self.bytes(head), body)
    }

    /// A Swift string cannot hold bytes that are not UTF-8.
    @Test func bytesThatAreNotTextAreSentUnchanged() async throws {
        let head =
            Self.bytes("GET /\u{e4}") + [0xe4, 0xff] + Self.bytes(" HTTP/1.1\r\nHost: HOST\r\n\(Self.fields)X: ")
        try await sendsTheSame(head + [0xe4, 0x80, 0x1b, 0x5b, 0x41, 0x09, 0x42] + Self.bytes("\r\n"), [])
    }

    @Test func aCommandReachesAUnixSocket() async throws {
        let path = "/tmp/tpot test-\(UInt64.random(in: 0 ... .max)).sock"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await sendsTheSame(Self.bytes("GET /socket HTTP/1.1\r\nHost: HOST\r\n\(Self.fields)"), []) {
            try? FileManager.default.removeItem(atPath: path)
            let listener = try await RawListener.start(unixSocket: path)
            return (listener, CurlTarget(try TargetAddress("unix:\(path)")))
        }
    }

    /// curl trusts the same certificates as the tunnel. Like the tunnel, it sends the host that it connects to as the
    /// server name, whatever `Host` says.
    @Test(arguments: ["HOST", "elsewhere.example"]) func aCommandUsesTLSAsTheTunnelDoes(host: String) async throws {
        let names = NIOLockedValueBox<[String?]>([])
        let head = Self.bytes("GET /tls HTTP/1.1\r\nHost: \(host)\r\n\(Self.fields)")
        try await TestCertificate.withFile { path in
            for trust in [CurlTarget.Trust.anything, .authorities(path)] {
                try await sendsTheSame(head, []) {
                    let context = try TestCertificate.serverContext { name in names.withLockedValue { $0.append(name) }
                    }
                    let listener = try await RawListener.start(tls: context)
                    let address = try TargetAddress("https://localhost:\(listener.port)")
                    #expect(address.tlsServerName == "localhost")
                    return (listener, CurlTarget(address, trust: trust))
                }
            }
        }
        #expect(names.withLockedValue { Set($0) } == ["localhost"])
    }

    @Test func anEditedBodyGetsTheRightLength() async throws {
        let listener = try await RawListener.start()
        let host = "127.0.0.1:\(listener.port)"
        let head = "POST / HTTP/1.1\r\nHost: \(host)\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"
        let target = CurlTarget(try TargetAddress(host))
        let command = try Self.command(Self.bytes(head), Self.bytes("seven"), target)
        let text = String(decoding: command.text(), as: UTF8.self).replacing("seven", with: "eleven")
        async let sent: Void = Self.run(Self.bytes(text), by: Self.shells[0])
        let peer = try await listener.next()
        #expect(try await peer.readMessage().hasSuffix("Content-Length: 6\r\n\r\neleven"))
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        try await sent
        try await listener.stop()
    }

    /// Otherwise the terminal would show the compressed bytes that a browser had asked for.
    @Test func aCompressedAnswerIsDecoded() async throws {
        let listener = try await RawListener.start()
        let host = "127.0.0.1:\(listener.port)"
        let head = "GET / HTTP/1.1\r\nHost: \(host)\r\nAccept-Encoding: gzip, deflate\r\n\r\n"
        let command = try Self.command(Self.bytes(head), [], CurlTarget(try TargetAddress(host)))
        let output = "/tmp/tpot-curl-\(UInt64.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: output) }
        async let sent: Void = Self.run(command.text(), by: Self.shells[0], output: output)
        let peer = try await listener.next()
        _ = try await peer.readMessage()
        // "hi\n" as one stored block (RFC 1951, 3.2.4), in gzip.
        let coded: [UInt8] = [
            0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 3, 0, 0xfc, 0xff, 0x68, 0x69, 0x0a, 0x7a, 0x7a, 0x6f, 0xed, 3, 0, 0,
            0,
        ]
        let answer = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(coded.count)\r\n\r\n"
        peer.send(Self.bytes(answer) + coded)
        try await sent
        #expect(FileManager.default.contents(atPath: output) == Data("hi\n".utf8))
        try await listener.stop()
    }

    private func sendsTheSame(
        _ head: [UInt8],
        _ body: [UInt8],
        to start: () async throws -> (RawListener, CurlTarget) = {
            let listener = try await RawListener.start()
            return (listener, CurlTarget(try TargetAddress("127.0.0.1:\(listener.port)")))
        }
    ) async throws {
        for shell in Self.shells {
            let (listener, target) = try await start()
            let request = (head + Self.bytes("\r\n")).replacing(Self.bytes("HOST"), with: Self.bytes(target.authority))
            let command = try Self.command(request, body, target)
            async let sent: Void = Self.run(command, by: shell)
            let peer = try await listener.next()
            let expected = Self.withLengthLast(request, body) + body
            do {
                let received = try await peer.read(count: expected.count)
                #expect(
                    received == expected,
                    "\(shell): \(String(decoding: received.prefix(2000), as: UTF8.self).debugDescription)"
                )
            } catch let error as RawPeer.Ended {
                Issue.record("\(shell): \(error.received.debugDescription)")
            }
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            try await sent
            #expect(peer.receivedCount == expected.count, "nothing comes after it")
            try await listener.stop()
        }
    }

    /// The length where curl writes it: a command without it stays right when its body is edited.
    private static func withLengthLast(_ head: [UInt8], _ body: [UInt8]) -> [UInt8] {
        let length = bytes("Content-Length: \(body.count)\r\n")
        let places = head.ranges(of: length)
        let form = bytes("Content-Type: application/x-www-form-urlencoded\r\n")
        guard !body.isEmpty, places.count == 1, let place = places.first else { return head }
        let rest = head[place.upperBound...]
        // curl writes the usual type of a body behind it, too.
        guard !(head.ranges(of: form).count == 1 && rest.elementsEqual(form + bytes("\r\n"))) else { return head }
        return head[..<place.lowerBound] + head[place.upperBound...].dropLast(2) + length + bytes("\r\n")
    }

    private static func command(_ head: [UInt8], _ body: [UInt8], _ target: CurlTarget) throws -> CurlCommand {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.add(.requestHead(received: head, sent: nil))
        if !body.isEmpty { transcript.add(.requestBody(.bytes(ByteBuffer(bytes: body)))) }
        transcript.add(.requestEnd)
        store.consume(&transcript)
        return try CurlCommand(try #require(store.detail(1)), target: target, mask: .off)
    }

    private static func run(_ command: CurlCommand, by shell: String) async throws {
        let file = "/tmp/tpot it's a body-\(UInt64.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: file) }
        if let body = command.bodyFile { try Data(body).write(to: URL(filePath: file)) }
        try await run(command.text(bodyFile: command.bodyFile == nil ? nil : file), by: shell)
    }

    private static func run(_ text: [UInt8], by shell: String, output: String = "/dev/null") async throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "tpot-curl-\(UInt64.random(in: 0 ... .max))"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(text + bytes("\n")).write(to: folder.appending(path: "script"))
        try Data(bytes("silent\nmax-time = 100\n")).write(to: folder.appending(path: ".curlrc"))
        try await ChildProcess.run(
            [shell, folder.appending(path: "script").path],
            environment: ["HOME": folder.path, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"],
            output: output
        )
    }

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
}

private func isExecutable(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: path) }
