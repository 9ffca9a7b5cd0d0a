import Logging
import NIOCore
import TPoTWire

/// Handles refused tunnels: logs them in a bounded number of lines, and delays some of the answers.
/// Lives on the server's event loop.
final class TunnelRefusals {
    /// Milliseconds by which the answer to a client over a limit is delayed, so that clients that retry at once cost
    /// little.
    /// The delay varies, so that clients that were refused together do not come back together.
    private static let answerDelay: ClosedRange<Int64> = 500...1_500
    /// The most answers that are delayed at a time. Further answers are given at once.
    private static let answersHeldAtMost = 512

    private let eventLoop: any EventLoop
    private let logger: Logger
    private let wording: any ServerWording
    private var log = RefusalLog()
    private var timer: Scheduled<Void>?
    private var answersHeld = 0
    private var hasNotedProxy = false

    init(eventLoop: any EventLoop, logger: Logger, wording: any ServerWording) {
        self.eventLoop = eventLoop
        self.logger = logger
        self.wording = wording
    }

    /// - Parameter name: the name asked for, if any.
    func note(_ refusal: ServerRefusal, of client: ClientAddress, _ name: Subdomain?) {
        if let line = log.note(refusal.detail, of: client) {
            logger.info("\(line)", metadata: name.map { ["tunnel": "\($0)"] })
        }
        if timer == nil { startTimer() }
    }

    /// Logs once that X-Forwarded-For was ignored and the proxy could be trusted.
    func noteProxy(of client: ClientAddress) {
        guard client.claimed != nil, !hasNotedProxy else { return }
        hasNotedProxy = true
        logger.notice("\(wording.forwardedForIsIgnored(of: "\(client)"))")
    }

    /// Fails with the refusal: a little later if a limit caused it, otherwise at once.
    func answer(_ refusal: ServerRefusal) -> EventLoopFuture<Void> {
        guard refusal.isCausedByALimit, answersHeld < Self.answersHeldAtMost else {
            return eventLoop.makeFailedFuture(refusal)
        }
        answersHeld += 1
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        return eventLoop.scheduleTask(in: .milliseconds(.random(in: Self.answerDelay))) {
            bound.value.answersHeld -= 1
            throw refusal
        }.futureResult
    }

    func stop() {
        timer?.cancel()
        for line in log.periodEnded() { logger.info("\(line)") }
    }

    private func startTimer() {
        timer = eventLoop.assumeIsolated().scheduleTask(in: RefusalLog.period) { [weak self] in
            guard let self else { return }
            for line in self.log.periodEnded() { self.logger.info("\(line)") }
            self.timer = nil
            if !self.log.isEmpty { self.startTimer() }
        }
    }
}
