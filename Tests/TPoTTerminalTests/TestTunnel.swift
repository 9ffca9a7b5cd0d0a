import NIOConcurrencyHelpers
import NIOCore
import TestSupport

/// The real program in a real terminal, with a small target.
struct TestTunnel {
    let terminal: TestTerminal
    /// The port of the embedded server, and the host of the public URL.
    let port: Int
    let host: String
    private let target: SmallTarget

    /// The requests that the target received, in order.
    var received: [String] { target.received }
    var targetPort: Int { target.port }

    /// - Parameter options: options for `tpot http`.
    static func with(
        columns: Int = 100,
        rows: Int = 30,
        options: String = "",
        _ variables: [String: String] = [:],
        _ body: (TestTunnel) async throws -> Void
    ) async throws {
        let target = try await SmallTarget.start()
        try await TestTerminal.with(columns: columns, rows: rows, variables) { terminal in
            let tpot = "tpot http \(target.port) --local \(options)"
            try await terminal.command("stty -g > before; ulimit -c 0; clear; \(tpot); echo exit $?; stty -g > after")
            let screen = try await terminal.wait("a public URL") { $0.firstMatch(of: Self.url) != nil }
            guard let url = screen.firstMatch(of: Self.url), let port = Int(url.output.2) else { return }
            let host = "\(url.output.1):\(port)"
            try await body(TestTunnel(terminal: terminal, port: port, host: host, target: target))
        }
        try await target.stop()
    }

    private static var url: Regex<(Substring, Substring, Substring)> { /http:\/\/([a-z0-9-]+\.localhost):([0-9]+)/ }

    // MARK: Visitors

    /// Sends a request and returns the answer.
    @discardableResult
    func visit(_ line: String, fields: String = "", body: String = "") async throws -> String {
        try await visit(raw(line, fields, body)).readMessage()
    }

    /// Sends bytes and leaves the answer to the test.
    func visit(_ bytes: [UInt8]) async throws -> RawPeer {
        let visitor = try await RawPeer.connect(port: port)
        visitor.send(bytes)
        return visitor
    }

    func raw(_ line: String, _ fields: String = "", _ body: String = "") -> [UInt8] {
        let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
        return Array("\(line) HTTP/1.1\r\nHost: \(host)\r\n\(fields)\(length)\r\n\(body)".utf8)
    }

    // MARK: The end

    /// Waits for the shell's prompt.
    /// - Returns: the screen, and whether the terminal is in its initial state.
    func ended() async throws -> (screen: String, isRestored: Bool) {
        let screen = try await terminal.wait("the prompt") { screen in
            guard screen.split(separator: "\n").last?.hasPrefix("ready$") == true else { return false }
            // Once the exit status is recorded, everything before it is recorded as well.
            return screen.contains("exit ") && (terminal.hasWritten("exit 0") || terminal.hasWritten("exit 1"))
        }
        let isSane = try terminal.text(of: "before") == terminal.text(of: "after")
        let isWhole = try await terminal.scrollsAllRows()
        return (screen, try await terminal.modes() == "0 1 0 0" && isWhole && isSane)
    }
}

/// Answers every request with its request line, and records the request. `/fail` gets a 500, and a field `X-Attack` is
/// sent back.
final class SmallTarget: Sendable {
    let port: Int
    private let listener: RawListener
    private let requests: NIOLockedValueBox<[String]>

    private init(_ listener: RawListener, _ requests: NIOLockedValueBox<[String]>) {
        self.listener = listener
        self.requests = requests
        port = listener.port
    }

    var received: [String] { requests.withLockedValue { $0 } }

    static func start() async throws -> SmallTarget {
        let requests = NIOLockedValueBox<[String]>([])
        let listener = try await RawListener.start { peer in
            while true {
                let request = try await peer.readMessage()
                requests.withLockedValue { $0.append(request) }
                let line = request.prefix { $0 != "\r\n" }
                let echo =
                    request.split(separator: "\r\n").first { $0.hasPrefix("X-Attack:") }.map { "\r\n\($0)" } ?? ""
                let status = line.contains(" /fail") ? "500 Oops" : "200 OK"
                let body = "{\"said\": \"\(line)\"}"
                let length = "Content-Length: \(body.utf8.count)"
                let fields = "Content-Type: application/json\(echo)\r\n\(length)"
                peer.send("HTTP/1.1 \(status)\r\n\(fields)\r\n\r\n\(body)")
            }
        }
        return SmallTarget(listener, requests)
    }

    func stop() async throws { try await listener.stop() }
}
