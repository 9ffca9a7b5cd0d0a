import Glibc
import Logging
import NIOCore
import TPoTNetwork
import TPoTTunnel
import TPoTWire

/// A server inside this process, on the loopback. Its tunnel is reachable from this machine only.
enum EmbeddedServer {
    /// Browsers and curl resolve names below `localhost` to the loopback without any set-up (RFC 6761 section 6.3).
    static let domain = "localhost"
    private static let firstPort = 3000
    private static let portsTried = 100

    /// The port, as shown to the user.
    static func place(_ port: Int, target: TargetAddress) -> String {
        guard port != firstPort else { return "port \(port)" }
        return "port \(port), since \(firstPort) is \(target.port == firstPort ? "the target's" : "in use")"
    }

    /// The ports to try, in this order.
    /// The target's own port is left out, because the target may be about to start there.
    static func ports(target: TargetAddress?) -> [Int] {
        (firstPort..<(firstPort + portsTried)).filter { $0 != target?.port }
    }

    /// Starts the server on port 3000 or the next free port.
    /// - Parameter target: nil if the target already listens on its port.
    static func start(
        target: TargetAddress?,
        logger: Logger,
        eventLoop: any EventLoop
    ) async throws -> (TunnelServer, ServerAddress) {
        for port in ports(target: target) {
            var configuration = TunnelServerConfiguration(domains: [domain], bind: "127.0.0.1", port: port)
            // Each conversation needs a second descriptor in this process, for the client's connection to the target.
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

extension TargetAddress {
    /// Nil for a Unix domain socket.
    fileprivate var port: Int? {
        if case .host(_, let port) = endpoint { return port }
        return nil
    }
}
