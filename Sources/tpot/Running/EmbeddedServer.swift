import Glibc
import Logging
import NIOCore
import TPoTTunnel
import TPoTWire

/// A server inside this process, on the loopback: the tunnel is reachable from this machine only.
enum EmbeddedServer {
    /// Names below `localhost` lead to the loopback (RFC 6761 section 6.3) in browsers and curl without any set-up.
    static let domain = "localhost"
    private static let firstPort = 3000
    private static let portsTried = 100

    /// The port as the user should read it.
    static func place(_ port: Int) -> String {
        port == firstPort ? "port \(port)" : "port \(port), since \(firstPort) is in use"
    }

    /// Starts it on port 3000 or the next free one.
    static func start(logger: Logger, eventLoop: any EventLoop) async throws -> (TunnelServer, ServerAddress) {
        for port in firstPort..<(firstPort + portsTried) {
            var configuration = TunnelServerConfiguration(domains: [domain], bind: "127.0.0.1", port: port)
            // Each conversation has a target's socket in this process as well.
            configuration.connections = DescriptorLimit.current / 5 * 2
            do {
                let server = try await TunnelServer.start(configuration, logger: logger, eventLoop: eventLoop).get()
                return (server, ServerAddress(scheme: .http, host: domain, port: server.port))
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                continue
            } catch {
                throw CommandError(
                    .serverUnreachable,
                    "the embedded server cannot listen on 127.0.0.1:\(port): \(NetworkCause(error))"
                )
            }
        }
        throw CommandError(
            .serverUnreachable,
            "no port for the embedded server: \(firstPort) to \(firstPort + portsTried - 1) are all in use;"
                + " free one, or use a server with --tpot-server"
        )
    }
}
