import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Makes the kernel probe idle connections. A peer that vanished without closing (its power or its network failed)
/// would otherwise keep its conversation for ever.
///
/// There is no limit on unacknowledged data (TCP_USER_TIMEOUT): it would end a connection whose reader is alive and has
/// a full window.
enum SocketKeepAlive {
    /// Seconds without a byte before the first probe.
    private static let idle: Int = 60
    /// Seconds between two probes.
    private static let interval: Int = 10
    /// Unanswered probes after which the connection is reset.
    private static let probes: Int = 6

    #if os(Linux)
    private static let timing: [(ChannelOptions.Types.SocketOption, Int)] = [
        (.init(level: .tcp, name: .init(rawValue: TCP_KEEPIDLE)), idle),
        (.init(level: .tcp, name: .init(rawValue: TCP_KEEPINTVL)), interval),
        (.init(level: .tcp, name: .init(rawValue: TCP_KEEPCNT)), probes),
    ]
    #else
    private static let timing: [(ChannelOptions.Types.SocketOption, Int)] = []
    #endif

    /// For a listening socket: on Linux the sockets that it accepts inherit the options.
    static func prepare(_ bootstrap: ServerBootstrap) -> ServerBootstrap {
        timing.reduce(bootstrap.serverChannelOption(.socketOption(.so_keepalive), value: 1)) {
            $0.serverChannelOption($1.0, value: $1.1)
        }
    }

    static func prepare(_ bootstrap: ClientBootstrap) -> ClientBootstrap {
        timing.reduce(bootstrap.channelOption(.socketOption(.so_keepalive), value: 1)) {
            $0.channelOption($1.0, value: $1.1)
        }
    }
}
