import DequeModule
import NIOCore
import NIOPosix
import TPoTTraffic
import TPoTWire

/// Checks `Authorization: TPoT-1` headers (protocol section 1). Lives on one event loop. It derives keys on a thread of
/// its own, because each derivation takes some ten milliseconds.
///
///     header ──► cheap checks ──► wait of the address? ──► queue, a turn for each address ──► derivation ──► remembered
final class AuthorizationVerifier {
    /// The most headers that wait for their derivation. Beyond that a client gets 503.
    static let waitingAtMost = 1_024
    /// The same limit for one address.
    static let waitingPerAddress = 32
    /// The same limit for all connections whose client address is unknown.
    static let waitingUnnamed = 512
    /// A client that has waited this long gets 503. Our own client gives up soon after.
    static let longestWait = TimeAmount.seconds(10)
    /// The most accepted headers that are remembered. Only holders of the key can fill this memory; when it is full,
    /// the next one has to wait a minute.
    private static let rememberedAtMost = 65_536
    /// The most headers given to the thread: one is being derived and the next one is ready.
    private static let derivedAtOnce = 2

    private let eventLoop: any EventLoop
    private let isRight: @Sendable (TunnelAuthorization) throws -> Bool
    private let now: () -> NIODeadline
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private var isStarted = false

    private var waiting = FairQueue<Share, Check>()
    private var waitingUnnamed = 0
    private var underWay = 0
    private var connections: UInt64 = 0
    private var throttle = KeyThrottle()

    /// Accepted headers whose time is still valid. They are not accepted again.
    private var accepted: Set<[UInt8]> = []
    private var expiry = Deque<(time: Int64, key: [UInt8])>()

    /// The owner of a place in the queue.
    fileprivate enum Share: Hashable {
        case address(IPAddress)
        /// An address that a proxy on the loopback may have written. A client that invents addresses gets no more turns
        /// than a client that sends none and opens as many connections.
        case claimed(IPAddress)
        case connection(UInt64)
    }

    /// One header on its way through the verifier.
    final class Check {
        /// Succeeds if the header is accepted, and otherwise fails with the ``ServerRefusal`` for the client.
        var result: EventLoopFuture<Void> { promise.futureResult }
        fileprivate(set) var isPending = true

        fileprivate let authorization: TunnelAuthorization
        fileprivate let client: ClientAddress
        fileprivate let share: Share
        fileprivate let began: NIODeadline
        fileprivate let promise: EventLoopPromise<Void>

        fileprivate init(
            _ authorization: TunnelAuthorization,
            of client: ClientAddress,
            _ share: Share,
            at now: NIODeadline,
            _ promise: EventLoopPromise<Void>
        ) {
            self.authorization = authorization
            self.client = client
            self.share = share
            self.began = now
            self.promise = promise
        }

        fileprivate func end(_ refusal: (any Error)?) {
            isPending = false
            if let refusal { promise.fail(refusal) } else { promise.succeed() }
        }
    }

    /// - Parameters:
    ///   - now: the clock for measuring waits.
    ///   - isRight: derives the key; called on the verifier's thread.
    init(
        eventLoop: any EventLoop,
        now: @escaping () -> NIODeadline = { .now() },
        isRight: @escaping @Sendable (TunnelAuthorization) throws -> Bool
    ) {
        self.eventLoop = eventLoop
        self.now = now
        self.isRight = isRight
    }

    convenience init(key: String, eventLoop: any EventLoop) {
        self.init(eventLoop: eventLoop) { try $0.isMade(withKey: key) }
    }

    /// Begins to check a header. Throws the refusals that need no derivation of the key.
    /// - Parameter unixTime: the current time in milliseconds.
    func verify(_ header: String?, from client: ClientAddress, unixTime: Int64) throws(ServerRefusal) -> Check {
        let authorization = try inspect(header, unixTime: unixTime)
        let time = now()
        if let wait = wait(of: client, at: time) { throw .tooManyWrongKeys(wait: wait) }
        let share = share(of: client)
        guard waiting.count < Self.waitingAtMost, waiting.count(of: share) < Self.waitingPerAddress,
            !share.isUnnamed || waitingUnnamed < Self.waitingUnnamed
        else { throw .busy }
        let check = Check(authorization, of: client, share, at: time, eventLoop.makePromise())
        waiting.append(check, for: share)
        if share.isUnnamed { waitingUnnamed += 1 }
        deriveNext()
        return check
    }

    /// Drops the check of a client that has gone, unless its derivation has already begun.
    func abandon(_ check: Check) {
        for check in waiting.remove(of: check.share, where: { $0 === check }) {
            leftQueue(check)
            check.end(ServerRefusal.clientGone)
        }
    }

    func stop() {
        while let check = waiting.popNext() {
            leftQueue(check)
            check.end(ServerRefusal.busy)
        }
        if isStarted { pool.shutdownGracefully { _ in } }
    }

    // MARK: In turn

    private func share(of client: ClientAddress) -> Share {
        if let key = client.limitKey { return .address(key) }
        if let claimed = client.claimed { return .claimed(claimed.limitKey) }
        connections += 1
        return .connection(connections)
    }

    private func leftQueue(_ check: Check) {
        if check.share.isUnnamed { waitingUnnamed -= 1 }
    }

    private func wait(of client: ClientAddress, at time: NIODeadline) -> TimeAmount? {
        client.limitKey.flatMap { throttle.wait(of: $0, at: time) }
    }

    private func deriveNext() {
        let time = now()
        for check in waiting.removeOldest(while: { time - $0.began >= Self.longestWait }) {
            leftQueue(check)
            check.end(ServerRefusal.busy)
        }
        while underWay < Self.derivedAtOnce, let check = waiting.popNext() {
            leftQueue(check)
            if let wait = wait(of: check.client, at: time) {
                check.end(ServerRefusal.tooManyWrongKeys(wait: wait))
            } else {
                derive(check)
            }
        }
    }

    private func derive(_ check: Check) {
        if !isStarted {
            isStarted = true
            pool.start()
        }
        underWay += 1
        let bound = NIOLoopBound((self, check), eventLoop: eventLoop)
        pool.runIfActive(eventLoop: eventLoop) { [isRight, authorization = check.authorization] in
            BackgroundPriority.take()
            return try isRight(authorization)
        }.whenComplete { result in
            let (verifier, check) = bound.value
            verifier.underWay -= 1
            verifier.derived(check, result)
            verifier.deriveNext()
        }
    }

    private func derived(_ check: Check, _ result: Result<Bool, any Error>) {
        do {
            guard try result.get() else {
                if let key = check.client.limitKey { throttle.wrongKey(from: key, at: now()) }
                throw ServerRefusal(401, "wrong key")
            }
            if let key = check.client.limitKey { throttle.rightKey(from: key) }
            try remember(check.authorization)
            check.end(nil)
        } catch {
            check.end(error)
        }
    }

    // MARK: Headers

    /// Throws the refusals that need only a look at the header.
    private func inspect(_ header: String?, unixTime: Int64) throws(ServerRefusal) -> TunnelAuthorization {
        guard let header else { throw ServerRefusal(401, "no authorization header present") }
        guard let authorization = TunnelAuthorization(header: header) else {
            throw ServerRefusal(401, "not a TPoT-1 authorization")
        }
        let drift = authorization.milliseconds - unixTime
        guard drift >= -TunnelAuthorization.acceptedClockDrift else {
            throw ServerRefusal(401, "authorization too far in the past")
        }
        guard drift <= TunnelAuthorization.acceptedClockDrift else {
            throw ServerRefusal(401, "authorization too far in the future")
        }
        forgetExpired(unixTime: unixTime)
        guard !accepted.contains(authorization.replayKey) else {
            throw ServerRefusal(401, "authorization was used before")
        }
        return authorization
    }

    /// Remembers an accepted header. Two copies of it may have been checked at once: the second one is refused here.
    private func remember(_ authorization: TunnelAuthorization) throws(ServerRefusal) {
        guard accepted.count < Self.rememberedAtMost else {
            throw .memoryFull
        }
        let replayKey = authorization.replayKey
        guard accepted.insert(replayKey).inserted else { throw ServerRefusal(401, "authorization was used before") }
        // An entry may stay a little longer, until the entries before it have expired.
        expiry.append((authorization.milliseconds + TunnelAuthorization.acceptedClockDrift, replayKey))
    }

    private func forgetExpired(unixTime: Int64) {
        while let first = expiry.first, first.time < unixTime {
            accepted.remove(first.key)
            expiry.removeFirst()
        }
    }
}

extension AuthorizationVerifier.Share {
    fileprivate var isUnnamed: Bool { if case .connection = self { true } else { false } }
}
