import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Has the kernel ask whether the other side is still there: one that vanished without a word (its power or its network is
/// gone) would keep a conversation for ever.
///
/// There is no limit on unacknowledged data beside it (TCP_USER_TIMEOUT): that ends a connection whose reader is alive and
/// has a full window.
enum SocketKeepAlive {
    /// The first question, after so many seconds without a byte.
    private static let idle: Int = 60
    /// Seconds from one question to the next.
    private static let interval: Int = 10
    /// Questions without an answer after which the connection is reset.
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

    /// For a listening socket: on Linux those that it accepts inherit the options.
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
