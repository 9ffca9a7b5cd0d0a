import Dispatch
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import TPoTCapture
import TPoTSystem
import TPoTTraffic

/// Writes what a capture has seen to the history, behind the traffic.
///
/// - An exchange is written about a quarter of a second after it is over, and again when something about it changes.
/// - Writing takes at most a fifth of one processor, and much less under heavy traffic. What cannot be written in time is
///   left out, and that is said.
/// - While another program has locked the history, exchanges wait. After another error nothing more is written, and that is
///   said once.
package final class HistoryWriter: Sendable {
    /// How long exchanges wait for more of them, so that many are written at once.
    private static let delay = TimeAmount.milliseconds(250)
    /// The pause after a lot, as a multiple of the time that the lot took.
    private static let pauseFactor: Int64 = 4
    /// The same while more requests a second come than ``HistoryWork/busyRate``: then the tunnel needs the processor more.
    private static let busyPauseFactor: Int64 = 32
    /// The pause while another program has locked the history.
    private static let lockedPause = TimeAmount.milliseconds(100)
    /// How often an idle writer looks for what has become too old.
    private static let idleInterval = TimeAmount.seconds(60)

    /// What the user has to be told.
    package enum Notice: Hashable, Sendable {
        /// Nothing more is written.
        case ended(HistoryError)
        /// Nothing can be written at the moment, because another program has locked the history.
        case locked
        /// This many exchanges were not written, since the run began, because they could not be written in time.
        case lost(Int)
    }

    private let queue = DispatchQueue(label: "tpot.history", qos: .utility)
    /// Only blocks on the queue use it, one after the other.
    private let work: NIOLockedValueBox<HistoryWork>
    private let isPlanned = NIOLockedValueBox(false)
    private let reserved: ReservedNumbers
    private let ownRuns = NIOLockedValueBox<[Int64]>([])

    /// Opens the history and reserves the first numbers, which takes a few milliseconds.
    /// - Parameters:
    ///   - expected: how many exchanges there will be, if that is known, so that no numbers are left over.
    ///   - tell: called on the writer's queue.
    package init(
        _ file: HistoryFile,
        _ run: HistoryRun,
        limits: HistoryLimits = HistoryLimits(),
        expected: Int? = nil,
        clock: TrafficClock = .system,
        tell: @escaping @Sendable (Notice) -> Void
    ) throws(HistoryError) {
        let connection = try HistoryConnection(file)
        reserved = try ReservedNumbers(connection, expected: expected, now: MonotonicClock.milliseconds())
        work = NIOLockedValueBox(
            HistoryWork(connection, reserved, run: run, runs: ownRuns, limits: limits, clock: clock, tell: tell)
        )
        reserved.onLow { [weak self] in self?.reserve(after: .zero) }
        watchAge()
    }

    /// The numbers for the store whose exchanges are written.
    package var numbers: ExchangeNumbers { .reserved { [reserved] in reserved.next() } }

    /// A number that no exchange has: those that were in the history before this run are smaller, those of this run are
    /// larger. Nil in the first run, and where it was known how many exchanges there will be: that is no run to look at.
    package var earlierLine: UInt64? { reserved.earlierLine }

    /// No exchange of this run has a smaller number.
    package var firstNumber: UInt64 { reserved.earlierLine.map { $0 + 1 } ?? 0 }

    /// What this run is called in the history: another one begins when the public URL changes.
    package var runs: [Int64] { ownRuns.withLockedValue { $0 } }

    /// Whether the exchange with this number is in the history, or will be if all goes well.
    package func isKept(_ number: UInt64) -> Bool { reserved.isKept(number) }

    /// Writes what this store has seen from now on. It must have ``numbers``.
    package func follow(_ store: CaptureStore) {
        work.withLockedValue { $0.store = store }
        store.onUnsaved { [weak self] in self?.wake(after: Self.delay) }
        wake(after: Self.delay)
    }

    /// Notes whether a replay has fixed an exchange that is in the history and not in the store.
    package func note(isFixed: Bool, _ number: UInt64) {
        queue.async { [self] in work.withLockedValue { $0.fixes[number] = isFixed } }
        wake(after: Self.delay)
    }

    /// Writes what waits, and nothing after that.
    /// - Returns: false if that takes longer than `limit`.
    package func finish(within limit: DispatchTimeInterval) -> Bool {
        let deadline = DispatchTime.now() + limit
        let done = DispatchGroup()
        let isAll = NIOLockedValueBox(false)
        queue.async(group: done) { [self] in
            while true {
                let progress = work.withLockedValue { work in
                    let pruned = work.prune()
                    return pruned == .none ? work.write() : pruned
                }
                if progress == .none { isAll.withLockedValue { $0 = true } }
                guard progress != .none, progress == .some || DispatchTime.now() < deadline else { break }
                if progress == .locked { usleep(10_000) }
            }
            work.withLockedValue { $0.close() }
        }
        return done.wait(timeout: deadline) == .success && isAll.withLockedValue { $0 }
    }

    /// Removes all that is beyond the limits, at once.
    func pruneAll() { while work.withLockedValue({ $0.prune() == .some || $0.tidy() == .some }) {} }

    /// Writes what waits, at once.
    func writeAll() { while work.withLockedValue({ $0.write() }) == .some {} }

    // MARK: The queue

    private func run(after pause: TimeAmount, _ body: @escaping @Sendable (HistoryWriter) -> Void) {
        let due = DispatchTime(uptimeNanoseconds: DispatchTime.now().uptimeNanoseconds + UInt64(pause.nanoseconds))
        queue.asyncAfter(deadline: due) { [weak self] in
            BackgroundPriority.take()
            if let self { body(self) }
        }
    }

    /// Works after a pause, unless that is planned already.
    private func wake(after pause: TimeAmount) {
        let isPlanned = isPlanned.withLockedValue { isPlanned in
            defer { isPlanned = true }
            return isPlanned
        }
        guard !isPlanned else { return }
        run(after: pause) { $0.doWork() }
    }

    private func doWork() {
        // What comes from here on plans anew.
        isPlanned.withLockedValue { $0 = false }
        let began = DispatchTime.now().uptimeNanoseconds
        let (progress, isBusy, pause) = work.withLockedValue { work in
            var progress = work.prune()
            if progress == .none { progress = max(work.write(), work.tidy()) }
            return (progress, work.isBusy, work.pauseUntilTelling)
        }
        switch progress {
        case .none:
            if let pause { wake(after: pause) }
        case .locked:
            wake(after: Self.lockedPause)
        case .some:
            let took = Int64(clamping: DispatchTime.now().uptimeNanoseconds - began)
            wake(after: .nanoseconds(max(1_000_000, took * (isBusy ? Self.busyPauseFactor : Self.pauseFactor))))
        }
    }

    /// Reserves numbers, between two lots of exchanges.
    private func reserve(after pause: TimeAmount) {
        run(after: pause) { writer in
            if writer.work.withLockedValue({ $0.reserve() }) == .locked { writer.reserve(after: Self.lockedPause) }
        }
    }

    private func watchAge() {
        run(after: Self.idleInterval) { writer in
            writer.wake(after: .zero)
            writer.watchAge()
        }
    }
}
