import DequeModule
import NIOCore
import NIOPosix
import TPoTWire

/// Checks `Authorization: TPoT-1` headers (protocol section 1). Lives on one event loop; keys are derived on two threads
/// of its own, because each takes tens of milliseconds.
final class AuthorizationVerifier {
    /// Derivations that may wait; beyond that a client gets 503 instead of a place in a queue.
    private static let waitingAtMost = 32
    /// Accepted headers that are remembered. Only holders of the key can fill this; then the next one waits a minute.
    private static let rememberedAtMost = 65_536

    private let key: String
    private let pool = NIOThreadPool(numberOfThreads: 2)
    private let eventLoop: any EventLoop
    private var underWay = 0
    private var isStarted = false

    /// Headers that were accepted and whose time still passes: they are not accepted again.
    private var accepted: Set<[UInt8]> = []
    private var expiry = Deque<(time: Int64, key: [UInt8])>()

    init(key: String, eventLoop: any EventLoop) {
        self.key = key
        self.eventLoop = eventLoop
    }

    /// Fails with the ``ServerRefusal`` for the client; `now` is Unix time in milliseconds.
    func verify(_ header: String?, now: Int64) -> EventLoopFuture<Void> {
        let authorization: TunnelAuthorization
        do {
            authorization = try check(header, now: now)
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
        guard underWay < Self.waitingAtMost else {
            return eventLoop.makeFailedFuture(ServerRefusal(503, "too many clients connect at this moment"))
        }
        if !isStarted {
            isStarted = true
            pool.start()
        }
        underWay += 1
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        return pool.runIfActive(eventLoop: eventLoop) { [key] in
            try authorization.isMade(withKey: key)
        }.flatMapThrowing { isRight in
            let verifier = bound.value
            guard isRight else { throw ServerRefusal(401, "wrong key") }
            try verifier.remember(authorization, now: now)
        }.always { _ in
            bound.value.underWay -= 1
        }
    }

    func stop() {
        guard isStarted else { return }
        pool.shutdownGracefully { _ in }
    }

    /// What can be refused without deriving the key.
    private func check(_ header: String?, now: Int64) throws(ServerRefusal) -> TunnelAuthorization {
        guard let header else { throw ServerRefusal(401, "no authorization header present") }
        guard let authorization = TunnelAuthorization(header: header) else {
            throw ServerRefusal(401, "not a TPoT-1 authorization")
        }
        let drift = authorization.milliseconds - now
        guard drift >= -TunnelAuthorization.acceptedClockDrift else {
            throw ServerRefusal(401, "authorization too far in the past")
        }
        guard drift <= TunnelAuthorization.acceptedClockDrift else {
            throw ServerRefusal(401, "authorization too far in the future")
        }
        forgetExpired(now: now)
        guard !accepted.contains(authorization.replayKey) else {
            throw ServerRefusal(401, "authorization was used before")
        }
        return authorization
    }

    /// Notes an accepted header. Two of the same may have been checked at once: the second one is refused here.
    private func remember(_ authorization: TunnelAuthorization, now: Int64) throws(ServerRefusal) {
        guard accepted.count < Self.rememberedAtMost else {
            throw ServerRefusal(503, "too many clients have connected within two minutes")
        }
        let replayKey = authorization.replayKey
        guard accepted.insert(replayKey).inserted else { throw ServerRefusal(401, "authorization was used before") }
        // Twice the drift from now is later than any time at which it would still pass, so the order is that of expiry.
        expiry.append((now + 2 * TunnelAuthorization.acceptedClockDrift, replayKey))
    }

    private func forgetExpired(now: Int64) {
        while let first = expiry.first, first.time < now {
            accepted.remove(first.key)
            expiry.removeFirst()
        }
    }
}

/// A status and its reason, on the way to becoming a ``ServerAnswer``.
struct ServerRefusal: Error, Hashable, Sendable {
    var status: Int
    var detail: String

    init(_ status: Int, _ detail: String) {
        self.status = status
        self.detail = detail
    }
}
