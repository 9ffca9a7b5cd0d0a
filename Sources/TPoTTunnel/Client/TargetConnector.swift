import Logging
import NIOCore
import NIOPosix
import NIOSSL
import TPoTNetwork
import TPoTWire

/// Opens connections to the target quickly: a name is looked up again only after ``lookupAge``.
final class TargetConnector {
    static let timeout = TimeAmount.seconds(10)
    private static let lookupAge = TimeAmount.seconds(30)

    private let target: TargetAddress
    private let tls: NIOSSLContext?
    private let eventLoop: any EventLoop
    private let logger: Logger
    /// The address of the last successful connection, and its time.
    private var known: (address: SocketAddress, time: NIODeadline)?

    var isTLS: Bool { tls != nil }

    init(target: TargetAddress, tls: NIOSSLContext?, eventLoop: any EventLoop, logger: Logger) {
        self.target = target
        self.tls = tls
        self.eventLoop = eventLoop
        self.logger = logger
    }

    /// Connects to the target and reports the outcome to the owner.
    /// - Parameter withoutTLS: the connection counts as made before any handshake.
    func connect(_ owner: any TargetOwner, withoutTLS: Bool = false) {
        let attempt = Attempt(owner: owner, tls: withoutTLS ? nil : tls)
        switch target.endpoint {
        case .unixSocket(let path):
            make(attempt) { bootstrap in
                guard let address = try? SocketAddress(unixDomainSocketPath: path) else {
                    return bootstrap.connect(unixDomainSocketPath: path)
                }
                return Self.connect(bootstrap, to: address)
            }
        case .host(let host, let port):
            if let known, .now() - known.time < Self.lookupAge {
                make(attempt, otherwise: candidates(host, port, except: known.address)) {
                    Self.connect($0, to: known.address)
                }
            } else {
                make(attempt, candidates(host, port, except: nil))
            }
        }
    }

    private struct Attempt {
        let owner: any TargetOwner
        let tls: NIOSSLContext?
    }

    private enum Candidate {
        case address(SocketAddress)
        /// A name that NIO looks up and tries as RFC 8305 describes.
        case name(String, Int)
    }

    /// The addresses or names to try, in this order.
    private func candidates(_ host: String, _ port: Int, except tried: SocketAddress?) -> [Candidate] {
        if target.isLoopbackName {
            return ["::1", "127.0.0.1"].compactMap { try? SocketAddress(ipAddress: $0, port: port) }
                .filter { $0 != tried }.map(Candidate.address)
        }
        if let address = try? SocketAddress(ipAddress: host, port: port) {
            return address == tried ? [] : [.address(address)]
        }
        return [.name(host, port)]
    }

    private func make(_ attempt: Attempt, _ candidates: [Candidate]) {
        guard let first = candidates.first else {
            attempt.owner.targetCouldNotConnect(.nameNotFound(target.hostHeader))
            return
        }
        make(attempt, otherwise: Array(candidates.dropFirst())) { bootstrap in
            switch first {
            case .address(let address): Self.connect(bootstrap, to: address)
            case .name(let host, let port): SocketKeepAlive.prepare(bootstrap).connect(host: host, port: port)
            }
        }
    }

    private static func connect(_ bootstrap: ClientBootstrap, to address: SocketAddress) -> EventLoopFuture<any Channel>
    {
        // The kernel always notices when a peer on this machine goes away, so it needs no keep-alive.
        if let socket = ImmediateConnection.open(address) { return bootstrap.withConnectedSocket(socket) }
        if case .unixDomainSocket = address { return bootstrap.connect(to: address) }
        return SocketKeepAlive.prepare(bootstrap).connect(to: address)
    }

    private func make(
        _ attempt: Attempt,
        otherwise rest: [Candidate] = [],
        _ connect: (ClientBootstrap) -> EventLoopFuture<any Channel>
    ) {
        let began = NIODeadline.now()
        connect(bootstrap(for: attempt)).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel):
                if let address = channel.remoteAddress { self.known = (address, .now()) }
                self.logger.debug(
                    "target connected: \(channel.remoteAddress.text)",
                    metadata: ["ms": .milliseconds(since: began)]
                )
            case .failure(let error):
                self.known = nil
                self.logger.debug(
                    "target not connected: \(NetworkCause(error))\(rest.isEmpty ? "" : "; another address is tried")",
                    metadata: ["ms": .milliseconds(since: began)]
                )
                if rest.isEmpty {
                    attempt.owner.targetCouldNotConnect(NetworkCause(error))
                } else {
                    self.make(attempt, rest)
                }
            }
        }
    }

    private func bootstrap(for attempt: Attempt) -> ClientBootstrap {
        let bound = NIOLoopBound(attempt.owner, eventLoop: eventLoop)
        let serverName = target.tlsServerName
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(Self.timeout)
            .channelInitializer { [tls = attempt.tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    // Set here, because the bootstrap would make futures for each option of each connection.
                    try LinkBuffers.prepareLocal(channel)
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: serverName)
                        )
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        TargetHandler(owner: bound.value, usesTLS: tls != nil)
                    )
                }
            }
    }
}
