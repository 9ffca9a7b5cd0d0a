import Dispatch
import NIOConcurrencyHelpers
import NIOCore
import TPoTCapture
import TPoTSystem
import TPoTTraffic

/// Writes what a capture has seen to the history, behind the traffic.
///
/// - An exchange is written about a quarter of a second after it is over, and again when something about it changes.
/// - Writing takes at most a fifth of one processor, and much less under heavy traffic. What comes too fast for that is not
///   written, and that is said.
/// - After an error nothing more is written, and that is said once.
package final class HistoryWriter: Sendable {
    /// How long exchanges wait for more of them, so that many are written at once.
    private static let delay = TimeAmount.milliseconds(250)
    private static let exchangesAtOnce = 64
    /// The pause after a lot, as a multiple of the time that the lot took.
    private static let pauseFactor: Int64 = 4
    /// The same while more requests a second come than ``busyRate``: then the tunnel needs the processor more.
    private static let busyPauseFactor: Int64 = 32
    private static let busyRate: Int64 = 2_000
    /// The least time between two words about what came too fast.
    private static let tellingInterval = TimeAmount.seconds(60)
    /// The time between checks of the limits.
    private static let pruningInterval = TimeAmount.seconds(60)

    /// What the user has to be told.
    package enum Notice: Hashable, Sendable {
        /// Nothing more is written.
        case ended(HistoryError)
        /// This many exchanges came too fast, since the run began.
        case lost(Int)
    }

    private struct State {
        /// Nil after an error, and after the end.
        var connection: HistoryConnection?
        var store: CaptureStore?
        var lost = 0
        /// How many of them the user was told of, and when.
        var told = 0
        var toldAt: NIODeadline?
        var url: String?
        /// The exchanges that had begun when the writer looked last, and when that was.
        var begun = 0
        var lookedAt: NIODeadline
        var isBusy = false
        var nextPruning: NIODeadline

        mutating func note(begun: Int, at now: NIODeadline, busyRate: Int64) {
            let passed = (now - lookedAt).nanoseconds
            guard passed >= 10_000_000 else { return }
            isBusy = Int64(begun - self.begun) * 1_000_000_000 / passed > busyRate
            (self.begun, lookedAt) = (begun, now)
        }
    }

    private let queue = DispatchQueue(label: "tpot.history", qos: .utility)
    /// Only blocks on the queue use it, one after the other.
    private let state: NIOLockedValueBox<State>
    private let isPlanned = NIOLockedValueBox(false)
    private let reserved: ReservedNumbers
    /// A number between those of earlier runs and those of this one, which no exchange has. Nil in the first run, and
    /// where it was known how many exchanges there will be: that is no run to look at.
    package let earlierLine: UInt64?
    private let limits: HistoryLimits
    private let clock: TrafficClock
    private let tell: @Sendable (Notice) -> Void

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
        let now = clock.read()
        let connection = try HistoryConnection(file, run, now: now.unixNanoseconds)
        reserved = try ReservedNumbers(
            try HistoryConnection(file, of: connection.run),
            expected: expected,
            milliseconds: MonotonicClock.milliseconds
        )
        earlierLine = reserved.isFirst || expected != nil ? nil : reserved.next()
        state = NIOLockedValueBox(
            State(connection: connection, lookedAt: now.monotonic, nextPruning: now.monotonic)
        )
        self.limits = limits
        self.clock = clock
        self.tell = tell
    }

    /// The numbers for the store whose exchanges are written.
    package var numbers: ExchangeNumbers { .reserved { [reserved] in reserved.next() } }

    /// Writes what this store has seen from now on. It must have ``numbers``.
    package func follow(_ store: CaptureStore) {
        state.withLockedValue { $0.store = store }
        store.onUnsaved { [weak self] in self?.wake(after: Self.delay) }
        wake(after: Self.delay)
    }

    /// Notes whether a replay has fixed an exchange that is in the history and not in the store.
    package func note(isFixed: Bool, _ number: UInt64) {
        queue.async { [self] in
            state.withLockedValue { state in
                guard let connection = state.connection else { return }
                do throws(HistoryError) {
                    try connection.note(isFixed: isFixed, number)
                } catch {
                    end(&state, error)
                }
            }
        }
    }

    /// Writes what waits, and nothing after that.
    /// - Returns: false if that takes longer than `limit`; it goes on in the background.
    package func finish(within limit: DispatchTimeInterval) -> Bool {
        let done = DispatchGroup()
        queue.async(group: done) { [self] in
            while writeSome() {}
            state.withLockedValue { state in
                state.connection = nil
                state.toldAt = nil
                tellOfLosses(&state, at: clock.read().monotonic)
            }
        }
        return done.wait(timeout: .now() + limit) == .success
    }

    /// Works after a pause, unless that is planned already.
    private func wake(after pause: TimeAmount) {
        let isPlanned = isPlanned.withLockedValue { isPlanned in
            defer { isPlanned = true }
            return isPlanned
        }
        guard !isPlanned else { return }
        let due = DispatchTime(uptimeNanoseconds: DispatchTime.now().uptimeNanoseconds + UInt64(pause.nanoseconds))
        queue.asyncAfter(deadline: due) { [weak self] in
            BackgroundPriority.take()
            self?.work()
        }
    }

    private func work() {
        // What comes from here on plans anew.
        isPlanned.withLockedValue { $0 = false }
        let began = DispatchTime.now().uptimeNanoseconds
        guard writeSome() || prune() else { return }
        let took = Int64(clamping: DispatchTime.now().uptimeNanoseconds - began)
        let factor = state.withLockedValue { $0.isBusy } ? Self.busyPauseFactor : Self.pauseFactor
        wake(after: .nanoseconds(max(1_000_000, took * factor)))
    }

    /// - Returns: whether there was something to write.
    private func writeSome() -> Bool {
        state.withLockedValue { state in
            guard let connection = state.connection, let store = state.store else { return false }
            let (contents, lost, begun) = store.takeUnsaved(Self.exchangesAtOnce)
            state.note(begun: begun, at: clock.read().monotonic, busyRate: Self.busyRate)
            do throws(HistoryError) {
                // Looked at after the exchanges were taken: none of them has a number that came after the failure.
                if let failure = reserved.failure { throw failure }
                if let url = store.tunnel.url, url != state.url {
                    try connection.note(url: url)
                    state.url = url
                }
                if !contents.isEmpty { try connection.write(contents) }
            } catch {
                end(&state, error)
                return false
            }
            state.lost = lost
            tellOfLosses(&state, at: clock.read().monotonic)
            return !contents.isEmpty
        }
    }

    private func tellOfLosses(_ state: inout State, at now: NIODeadline) {
        guard state.lost > state.told, state.toldAt.map({ now - $0 >= Self.tellingInterval }) ?? true else { return }
        (state.told, state.toldAt) = (state.lost, now)
        tell(.lost(state.lost))
    }

    /// Removes all that is beyond the limits, at once.
    func pruneAll() { while prune() {} }

    /// - Returns: whether there may be more to remove.
    private func prune() -> Bool {
        state.withLockedValue { state in
            let now = clock.read()
            guard let connection = state.connection, now.monotonic >= state.nextPruning else { return false }
            do throws(HistoryError) {
                if try connection.prune(to: limits, now: now.unixNanoseconds) { return true }
            } catch {
                end(&state, error)
            }
            state.nextPruning = now.monotonic + Self.pruningInterval
            return false
        }
    }

    private func end(_ state: inout State, _ error: HistoryError) {
        state.connection = nil
        state.store?.endSaving()
        state.store = nil
        tell(.ended(error))
    }
}
