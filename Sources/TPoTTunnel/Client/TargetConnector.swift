import NIOCore
import NIOPosix
import NIOSSL
import TPoTWire

/// Opens connections to the target, quickly: a name is looked up again only every ``lookupAge``.
final class TargetConnector {
    static let timeout = TimeAmount.seconds(10)
    private static let lookupAge = TimeAmount.seconds(30)
    /// Bytes that a target's channel keeps before the visitor is asked to wait, and at which it goes on.
    private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(
        low: TargetConversationMachine.resumeBytes,
        high: TargetConversationMachine.pauseBytes
    )

    private let target: TargetAddress
    private let tls: NIOSSLContext?
    private let eventLoop: any EventLoop
    /// Where the last connection succeeded.
    private var known: (address: SocketAddress, time: NIODeadline)?

    init(target: TargetAddress, tls: NIOSSLContext?, eventLoop: any EventLoop) {
        self.target = target
        self.tls = tls
        self.eventLoop = eventLoop
    }

    /// Connects the conversation's target; the outcome is told to the conversation.
    func connect(_ conversation: TargetConversation) {
        switch target.endpoint {
        case .unixSocket(let path):
            attempt(conversation) { $0.connect(unixDomainSocketPath: path) }
        case .host(let host, let port):
            if let known, .now() - known.time < Self.lookupAge {
                attempt(conversation, otherwise: candidates(host, port, except: known.address)) {
                    $0.connect(to: known.address)
                }
            } else {
                attempt(conversation, candidates(host, port, except: nil))
            }
        }
    }

    private enum Candidate {
        case address(SocketAddress)
        /// By NIO: looked up and tried in the way of RFC 8305.
        case name(String, Int)
    }

    /// What to try, in this order. `localhost` is the loopback by definition (RFC 6761 section 6.3): no look-up.
    private func candidates(_ host: String, _ port: Int, except tried: SocketAddress?) -> [Candidate] {
        if host.lowercased() == "localhost" {
            return ["::1", "127.0.0.1"].compactMap { try? SocketAddress(ipAddress: $0, port: port) }
                .filter { $0 != tried }.map(Candidate.address)
        }
        if let address = try? SocketAddress(ipAddress: host, port: port) {
            return address == tried ? [] : [.address(address)]
        }
        return [.name(host, port)]
    }

    private func attempt(_ conversation: TargetConversation, _ candidates: [Candidate]) {
        guard let first = candidates.first else {
            conversation.targetCouldNotConnect("no address to connect to")
            return
        }
        attempt(conversation, otherwise: Array(candidates.dropFirst())) { bootstrap in
            switch first {
            case .address(let address): bootstrap.connect(to: address)
            case .name(let host, let port): bootstrap.connect(host: host, port: port)
            }
        }
    }

    private func attempt(
        _ conversation: TargetConversation,
        otherwise rest: [Candidate] = [],
        _ connect: (ClientBootstrap) -> EventLoopFuture<any Channel>
    ) {
        connect(bootstrap(for: conversation)).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel):
                if let address = channel.remoteAddress { self.known = (address, .now()) }
            case .failure(let error):
                self.known = nil
                if rest.isEmpty {
                    conversation.targetCouldNotConnect(ErrorText.describe(error))
                } else {
                    self.attempt(conversation, rest)
                }
            }
        }
    }

    private func bootstrap(for conversation: TargetConversation) -> ClientBootstrap {
        let bound = NIOLoopBound(conversation, eventLoop: eventLoop)
        let serverName = target.tlsServerName
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(Self.timeout)
            .channelOption(.writeBufferWaterMark, value: Self.waterMark)
            .channelInitializer { [tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: serverName)
                        )
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        TargetHandler(conversation: bound.value, usesTLS: tls != nil)
                    )
                }
            }
    }
}
