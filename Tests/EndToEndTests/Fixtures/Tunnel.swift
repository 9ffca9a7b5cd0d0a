import Logging
import NIOCore
import NIOPosix
import TPoTTraffic
import TPoTTunnel
import TestSupport

@testable import TPoTCommand
@testable import TPoTWire

/// A server and a client of it, in this process.
final class Tunnel: Sendable {
    let server: TunnelServer
    let client: TunnelClient
    let bus: TrafficBus
    let url: String

    static let key = "a-key-for-tests-with-more-than-32-characters"
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    static var loop: any EventLoop { MultiThreadedEventLoopGroup.singleton.next() }

    private init(_ server: TunnelServer, _ client: TunnelClient, _ bus: TrafficBus, _ url: String) {
        self.server = server
        self.client = client
        self.bus = bus
        self.url = url
    }

    var port: Int { server.port }
    /// The Host that a visitor sends.
    var host: String { url.split(separator: "/").last.map(String.init) ?? "" }

    static func startServer(
        key: String? = nil,
        port: Int = 0,
        logger: Logger = quiet,
        _ change: (inout TunnelServerConfiguration) -> Void = { _ in }
    ) async throws -> TunnelServer {
        var configuration = TunnelServerConfiguration(
            domains: ["localhost"],
            bind: "127.0.0.1",
            port: port,
            authKey: key
        )
        change(&configuration)
        return try await TunnelServer.start(configuration, logger: logger, eventLoop: loop).get()
    }

    static func makeClient(
        serverPort: Int,
        target: String,
        name: String? = nil,
        bus: TrafficBus = TrafficBus(bodyLimit: 1024),
        logger: Logger = quiet,
        _ change: (inout TunnelClientConfiguration) -> Void = { _ in }
    ) async throws -> TunnelClient {
        let server = ServerAddress(scheme: .http, host: "localhost", port: serverPort)
        let address = try TargetAddress(target)
        var configuration = TunnelClientConfiguration(
            server: server,
            target: address,
            wording: FailureText(server: server, target: address)
        )
        configuration.subdomain = name.flatMap { Subdomain($0) }
        change(&configuration)
        configuration.wording = FailureText(server: configuration.server, target: configuration.target)
        return try await TunnelClient.make(configuration, bus: bus, logger: logger, eventLoop: loop).get()
    }

    /// Starts both ends in front of a target.
    static func start(
        target: String,
        name: String? = nil,
        key: String? = nil,
        server: TunnelServer? = nil,
        _ change: (inout TunnelClientConfiguration) -> Void = { _ in }
    ) async throws -> Tunnel {
        let running: TunnelServer
        if let server { running = server } else { running = try await startServer(key: key) }
        let bus = TrafficBus(bodyLimit: 1024)
        let client = try await makeClient(serverPort: running.port, target: target, name: name, bus: bus) {
            $0.authKey = key
            change(&$0)
        }
        client.start()
        return Tunnel(running, client, bus, try await client.firstURL.get())
    }

    func visitor() async throws -> RawPeer { try await RawPeer.connect(port: port) }

    /// A request for this tunnel, with or without a body.
    func request(
        _ path: String,
        method: String = "GET",
        fields: String = "",
        body: String = ""
    ) -> String {
        let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
        return "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\n\(fields)\(length)\r\n\(body)"
    }

    func stop() async throws {
        client.stop()
        _ = try await client.outcome.get()
        try await server.stop().get()
    }
}
