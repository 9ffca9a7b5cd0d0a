import Glibc
import Logging
import NIOCore
import TPoTNetwork
import TPoTTunnel
import TPoTWire

/// A server inside this process, on the loopback: the tunnel is reachable from this machine only.
enum EmbeddedServer {
    /// Names below `localhost` lead to the loopback (RFC 6761 section 6.3) in browsers and curl without any set-up.
    static let domain = "localhost"
    private static let firstPort = 3000
    private static let portsTried = 100

    /// The port as the user should read it.
    static func place(_ port: Int, target: TargetAddress) -> String {
        guard port != firstPort else { return "port \(port)" }
        return "port \(port), since \(firstPort) is \(target.port == firstPort ? "the target's" : "in use")"
    }

    /// What is tried, in this order. Never the target's own port: the target may be about to start there.
    static func ports(target: TargetAddress?) -> [Int] {
        (firstPort..<(firstPort + portsTried)).filter { $0 != target?.port }
    }

    /// Starts it on port 3000 or the next free one.
    /// - Parameter target: nil where there is one already, on a port of its own.
    static func start(
        target: TargetAddress?,
        logger: Logger,
        eventLoop: any EventLoop
    ) async throws -> (TunnelServer, ServerAddress) {
        for port in ports(target: target) {
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

extension TargetAddress {
    /// Nil for a Unix domain socket.
    fileprivate var port: Int? {
        if case .host(_, let port) = endpoint { return port }
        return nil
    }
}
