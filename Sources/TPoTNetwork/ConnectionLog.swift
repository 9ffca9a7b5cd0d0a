import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import TPoTWire

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension Logger {
    /// Whether debug lines are logged: work that is only for the log can be skipped otherwise.
    package var isDebugging: Bool { logLevel <= .debug }
}

extension Logger.MetadataValue {
    /// The time since `start`, in milliseconds with two decimals.
    package static func milliseconds(since start: NIODeadline) -> Self {
        .stringConvertible(Double((NIODeadline.now() - start).nanoseconds / 10_000) / 100)
    }
}

extension SocketAddress? {
    /// For instance `203.0.113.9:443`, `[2001:db8::9]:443`, or the path of a socket.
    package var text: String {
        switch self {
        case .v4: "\(self?.ipAddress ?? ""):\(self?.port ?? 0)"
        case .v6: "[\(self?.ipAddress ?? "")]:\(self?.port ?? 0)"
        case .unixDomainSocket: self?.pathname ?? ""
        case nil: "-"
        }
    }
}

/// Looks up a name just as NIO does by itself, and logs the result. Serves one connection only.
final class LoggedLookup: Resolver, Sendable {
    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let eventLoop: any EventLoop
    private let logger: Logger
    private let ipv4: EventLoopPromise<[SocketAddress]>
    private let ipv6: EventLoopPromise<[SocketAddress]>
    private let end = NIOLockedValueBox<NIODeadline?>(nil)

    /// When the addresses were known; nil if no name had to be looked up.
    var ended: NIODeadline? { end.withLockedValue { $0 } }

    init(_ eventLoop: any EventLoop, _ logger: Logger) {
        self.eventLoop = eventLoop
        self.logger = logger
        ipv4 = eventLoop.makePromise()
        ipv6 = eventLoop.makePromise()
    }

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { ipv4.futureResult }

    /// NIO calls this one first, and the one for IPv4 right after it.
    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        let began = NIODeadline.now()
        NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { try Self.lookUp(host, port) }
            .whenComplete { [logger, end, ipv4, ipv6] result in
                end.withLockedValue { $0 = .now() }
                switch result {
                case .success(let found):
                    logger.debug(
                        "looked up \(host): \(found.map { $0.ipAddress ?? "" }.joined(separator: ", "))",
                        metadata: ["ms": .milliseconds(since: began)]
                    )
                    ipv6.succeed(found.filter { $0.protocol == .inet6 })
                    ipv4.succeed(found.filter { $0.protocol == .inet })
                case .failure(let error):
                    logger.debug("looked up \(host): \(error)", metadata: ["ms": .milliseconds(since: began)])
                    ipv6.fail(error)
                    ipv4.fail(error)
                }
            }
        return ipv6.futureResult
    }

    func cancelQueries() {}

    private static func lookUp(_ host: String, _ port: Int) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { throw Failure(description: String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            guard let address = entry.ai_addr.map(UnsafeRawPointer.init) else { continue }
            switch entry.ai_family {
            case AF_INET: addresses.append(SocketAddress(address.loadUnaligned(as: sockaddr_in.self), host: host))
            case AF_INET6: addresses.append(SocketAddress(address.loadUnaligned(as: sockaddr_in6.self), host: host))
            default: break
            }
        }
        return addresses
    }
}

/// Logs the result of a TLS handshake with a server, then removes itself.
final class HandshakeLog: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let logger: Logger
    private let began = NIODeadline.now()

    init(_ logger: Logger) {
        self.logger = logger
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            note(context.pipeline.syncOperations)
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Call it only after the certificate was checked: NIOSSL traps at a date that no certificate check would accept.
    private func note(_ pipeline: ChannelPipeline.SynchronousOperations) {
        var metadata: Logger.Metadata = ["ms": .milliseconds(since: began)]
        let version = (try? pipeline.nioSSL_tlsVersion()).flatMap { $0 }
        if let certificate = (try? pipeline.nioSSL_peerCertificate()).flatMap({ $0 }) {
            // `<NIOSSLCertificate;serial_number=…;common_name=…;alternative_names=…>`
            let subject = "\(certificate)".split(separator: ";").dropFirst().joined(separator: " ")
            metadata["certificate"] = "\(VisibleText.line(String(subject.dropLast()), limit: 300))"
            let seconds = Int64(clamping: certificate.notValidAfter).clamped
            metadata["expires"] = "\(UTCTime.rfc3339(unixNanoseconds: seconds * 1_000_000_000))"
        }
        logger.debug("TLS handshake: \(version?.text ?? "done")", metadata: metadata)
    }
}

extension Int64 {
    /// Seconds whose nanoseconds fit into 64 bits: up to about the year 2255.
    fileprivate var clamped: Int64 { Swift.min(Swift.max(self, 0), 9_000_000_000) }
}

extension TLSVersion {
    fileprivate var text: String {
        switch self {
        case .tlsv1: "TLS 1.0"
        case .tlsv11: "TLS 1.1"
        case .tlsv12: "TLS 1.2"
        case .tlsv13: "TLS 1.3"
        }
    }
}
