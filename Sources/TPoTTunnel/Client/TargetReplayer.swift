import DequeModule
import Logging
import NIOCore
import NIOPosix
import TPoTNetwork
import TPoTTraffic
import TPoTWire

/// Sends captured requests to a target directly, without a tunnel.
///
/// It publishes the same events as a ``TunnelClient`` that replays. Any thread may call it; all work is done on one event
/// loop.
package final class TargetReplayer: Sendable {
    private let eventLoop: any EventLoop
    private let work: NIOLoopBoundBox<Work>

    /// Reads certificate files, so it must not be called on an event loop.
    /// - Parameters:
    ///   - trust: which certificates of the target are trusted.
    ///   - wording: words the failures that are published.
    ///   - atOnce: the most replays under way at a time; others wait.
    package init(
        target: TargetAddress,
        trust: CertificateTrust = .system,
        wording: any FailureWording,
        bus: TrafficBus,
        logger: Logger,
        eventLoop: any EventLoop,
        atOnce: Int = 16
    ) throws(TrustFailure) {
        self.eventLoop = eventLoop
        let tls = target.isTLS ? try trust.makeContext() : nil
        let connector = TargetConnector(target: target, tls: tls, eventLoop: eventLoop, logger: logger)
        work = NIOLoopBoundBox.makeBoxSendingValue(
            Work(connector: connector, eventLoop: eventLoop, wording: wording, bus: bus, atOnce: max(1, atOnce)),
            eventLoop: eventLoop
        )
    }

    /// Sends a captured request to the target `times` times, one after the other. Each time is its own conversation.
    ///
    /// - Parameters:
    ///   - request: head and body as they are sent to the target.
    ///   - exchange: the number of the replayed exchange.
    ///   - batch: that of replays that are asked for one by one but belong together. Nil: those of one call do.
    /// - Returns: completes when all of them are over, however they ended. It never fails.
    @discardableResult
    package func replay(
        _ request: ByteBuffer,
        of exchange: UInt64,
        times: Int = 1,
        batch: UInt64? = nil
    ) -> EventLoopFuture<Void> {
        eventLoop.flatSubmit {
            guard times > 0 else { return self.eventLoop.makeSucceededVoidFuture() }
            let done = self.eventLoop.makePromise(of: Void.self)
            self.work.value.add(
                Job(request: request, exchange: exchange, batch: batch, timesLeft: times, done: done)
            )
            return done.futureResult
        }
    }

    /// Ends one replay and those that would follow it; nothing happens if it is over.
    package func close(_ number: ConversationNumber) {
        eventLoop.execute { self.work.value.close(number) }
    }

    /// Ends all replays, and drops those that wait.
    package func stop() {
        eventLoop.execute { self.work.value.stop() }
    }
}

extension TargetReplayer {
    /// What was asked for at once.
    private struct Job {
        let request: ByteBuffer
        let exchange: UInt64
        /// Nil for a single replay, and before the first one of many.
        var batch: UInt64?
        var timesLeft: Int
        let done: EventLoopPromise<Void>
    }

    /// Lives on the event loop.
    private final class Work {
        private let connector: TargetConnector
        private let eventLoop: any EventLoop
        private let wording: any FailureWording
        private let bus: TrafficBus
        private let atOnce: Int
        private var nextNumber: ConversationNumber = 1
        private var replays: [ConversationNumber: TargetReplay] = [:]
        private var waiting: Deque<Job> = []

        init(
            connector: TargetConnector,
            eventLoop: any EventLoop,
            wording: any FailureWording,
            bus: TrafficBus,
            atOnce: Int
        ) {
            self.connector = connector
            self.eventLoop = eventLoop
            self.wording = wording
            self.bus = bus
            self.atOnce = atOnce
        }

        func add(_ job: Job) {
            waiting.append(job)
            startWaiting()
        }

        func close(_ number: ConversationNumber) { replays[number]?.close(.closedByUser) }

        func stop() {
            let dropped = waiting
            waiting = []
            for replay in Array(replays.values) { replay.close(.closedByUser) }
            for job in dropped { job.done.succeed() }
        }

        private func startWaiting() {
            while replays.count < atOnce, let job = waiting.popFirst() { start(job) }
        }

        private func start(_ job: Job) {
            var job = job
            // The number of the first conversation is as good as any other, and never used again.
            if job.batch == nil, job.timesLeft > 1 { job.batch = nextNumber }
            job.timesLeft -= 1
            let replay = TargetReplay(
                number: nextNumber,
                of: job.exchange,
                batch: job.batch,
                request: job.request,
                bus: bus,
                wording: wording,
                noteTarget: { _ in },
                onEnd: { [self, job] replay, end in ended(replay, end, job) }
            )
            nextNumber += 1
            replays[replay.number] = replay
            connector.connect(replay)
        }

        private func ended(_ replay: TargetReplay, _ end: ConversationEnd, _ job: Job) {
            replays[replay.number] = nil
            if job.timesLeft == 0 || end == .closedByUser { job.done.succeed() } else { waiting.prepend(job) }
            // This is not a direct call, because a target that refuses at once would make it a recursion.
            eventLoop.assumeIsolated().execute { self.startWaiting() }
        }
    }
}
