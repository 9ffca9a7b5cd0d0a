import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Connects to a target on this machine without waiting.
///
/// The kernel completes a handshake over the loopback, or with a Unix domain socket, within connect(2). NIO instead
/// registers the socket, waits for a turn of its event loop and then asks for the outcome. That costs each conversation
/// a turn and seven more system calls, and most of its system calls are those for the target.
enum ImmediateConnection {
    /// A connected, non-blocking socket.
    /// Nil if the address is elsewhere, or if connecting is refused or takes longer.
    /// The caller then connects the usual way, which waits or gives the reason.
    static func open(_ address: SocketAddress) -> CInt? {
        guard address.isOnThisMachine else { return nil }
        #if os(Linux)
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.protocol.rawValue, kind, 0)
        guard descriptor >= 0 else { return nil }
        let code = address.withSockAddr { connect(descriptor, $0, socklen_t($1)) }
        if code == 0 || (errno == EINPROGRESS && isConnected(descriptor)) { return descriptor }
        close(descriptor)
        #endif
        return nil
    }

    private static func isConnected(_ descriptor: CInt) -> Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&state, 1, 0) == 1 && state.revents == Int16(POLLOUT)
    }
}

extension SocketAddress {
    fileprivate var isOnThisMachine: Bool {
        switch self {
        case .v4(let address): UInt32(bigEndian: address.address.sin_addr.s_addr) >> 24 == 127
        case .v6(let address):
            withUnsafeBytes(of: address.address.sin6_addr) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
        case .unixDomainSocket: true
        }
    }
}
