import NIOConcurrencyHelpers
import NIOCore
import TPoTCapture
import TPoTSystem
import TPoTTraffic

/// What a ``HistoryWriter`` does on its queue, in short steps.
struct HistoryWork: Sendable {
    static let busyRate: Int64 = 2_000
    /// What is written in one transaction, so that others never wait long.
    private static let exchangesAtOnce = 64
    private static let bytesAtOnce = 4 * 1024 * 1024
    /// The bytes of the limit that are left for what is being written.
    private static let spareBytes = 16 * 1024 * 1024
    /// The most bytes of the log beside the limit of the file. It grows while another program reads without an end.
    private static let logBytes = 32 * 1024 * 1024
    /// The most runs that are remembered.
    private static let runLimit = 100
    /// How long the history may be locked before that is said.
    private static let patience = TimeAmount.seconds(10)
    /// The time between checks of the age, and of how much room marked exchanges leave.
    private static let interval = TimeAmount.seconds(60)

    /// What a step has done.
    enum Progress: Int, Comparable, Sendable {
        case none
        /// Something, and there may be more.
        case some
        /// Another program has locked the history.
        case locked

        static func < (left: Progress, right: Progress) -> Bool { left.rawValue < right.rawValue }
    }

    /// Nil after an error, and after the end.
    private var connection: HistoryConnection?
    private let reserved: ReservedNumbers
    private let facts: HistoryRun
    /// The newest runs that were begun.
    private let runs: NIOLockedValueBox<[Int64]>
    private let limits: HistoryLimits
    private let clock: TrafficClock
    private let tell: @Sendable (HistoryWriter.Notice) -> Void

    var store: CaptureStore?
    /// Whether a replay has fixed an exchange that is not in the store. It waits to be written.
    var fixes: [UInt64: Bool] = [:]
    /// The run that has the exchanges of the present URL.
    private var run: HistoryConnection.Run?
    /// Exchanges that were taken from the store and are not written yet.
    private var waiting: ArraySlice<CapturedExchange> = []
    /// Exchanges whose numbers belong to other processes.
    private var numberless = 0
    private var losses = LossReport()
    /// Since when the history is locked.
    private var lockedAt: NIODeadline?
    private var isLockTold = false
    /// The exchanges that had begun when the writer looked last, and when that was.
    private var begun = 0
    private var lookedAt: NIODeadline
    /// More requests come than ``busyRate``.
    private(set) var isBusy = false
    private var nextTidying: NIODeadline
    /// The bytes that may be in use.
    private var room: Int?
    private var nextRoom: NIODeadline
    private var hasLookedForEmptyRuns = false

    init(
        _ connection: HistoryConnection,
        _ reserved: ReservedNumbers,
        run: HistoryRun,
        runs: NIOLockedValueBox<[Int64]>,
        limits: HistoryLimits,
        clock: TrafficClock,
        tell: @escaping @Sendable (HistoryWriter.Notice) -> Void
    ) {
        self.connection = connection
        self.reserved = reserved
        facts = run
        self.runs = runs
        self.limits = limits
        self.clock = clock
        self.tell = tell
        lookedAt = clock.read().monotonic
        nextTidying = lookedAt
        nextRoom = lookedAt
    }

    /// The pause until the user is told of losses; nil if there are none to tell of.
    var pauseUntilTelling: TimeAmount? { losses.pause }

    // MARK: Steps

    mutating func reserve() -> Progress {
        step { work, connection throws(HistoryError) in
            try work.reserve(connection)
            return .none
        }
    }

    /// Removes some of what is beyond the size. It is looked at before each lot is written, which so never outruns it.
    mutating func prune() -> Progress {
        let now = clock.read().monotonic
        return step { work, connection throws(HistoryError) in
            // The next lot and the log must fit in, too.
            let limit = work.limits.bytes - min(Self.spareBytes, work.limits.bytes / 4)
            guard try connection.usedBytes() > limit else { return .none }
            if work.room == nil || now >= work.nextRoom {
                work.room = try connection.room(limit)
                work.nextRoom = now + Self.interval
            }
            return try connection.pruneBySize(to: work.room ?? limit) ? .some : .none
        }
    }

    /// Removes some of what is too old, or gives unused space back, once a minute.
    mutating func tidy() -> Progress {
        let now = clock.read()
        return step { work, connection throws(HistoryError) in
            guard now.monotonic >= work.nextTidying else { return .none }
            let oldest = now.unixNanoseconds - Int64(clamping: work.limits.age) * 1_000_000_000
            if try connection.pruneByAge(before: oldest) { return .some }
            if try connection.shrink() { return .some }
            if !work.hasLookedForEmptyRuns { try connection.removeEmptyRuns() }
            work.hasLookedForEmptyRuns = true
            work.nextTidying = now.monotonic + Self.interval
            return .none
        }
    }

    /// Writes some of the exchanges that wait.
    mutating func write() -> Progress {
        let now = clock.read()
        defer { tellOfLosses(at: now.monotonic) }
        return step { work, connection throws(HistoryError) in
            if !work.fixes.isEmpty {
                try connection.write(work.fixes)
                work.fixes = [:]
            }
            guard let store = work.store else { return .none }
            try work.reserve(connection)
            work.takeExchanges(of: store, at: now.monotonic)
            guard !work.waiting.isEmpty else { return .none }
            guard connection.file.logBytes - Self.logBytes <= work.limits.bytes else {
                throw .failed(.busy, "the log is full")
            }
            try work.write(connection, try work.run(connection, store.tunnel.url, now.unixNanoseconds))
            return .some
        }
    }

    /// Does nothing from here on.
    mutating func close() {
        connection = nil
        losses.tellNow(tell)
    }

    // MARK: Parts of steps

    private mutating func step(
        _ body: (inout HistoryWork, HistoryConnection) throws(HistoryError) -> Progress
    ) -> Progress {
        guard let connection else { return .none }
        do throws(HistoryError) {
            let progress = try body(&self, connection)
            (lockedAt, isLockTold) = (nil, false)
            return progress
        } catch .failed(.busy, _) {
            noteLock()
            return .locked
        } catch {
            end(error)
            return .none
        }
    }

    private mutating func noteLock() {
        let now = clock.read().monotonic
        let since = lockedAt ?? now
        lockedAt = since
        guard !isLockTold, now - since >= Self.patience else { return }
        isLockTold = true
        tell(.locked)
    }

    private func reserve(_ connection: HistoryConnection) throws(HistoryError) {
        let now = MonotonicClock.milliseconds()
        while let (size, used) = reserved.wanted(now: now) {
            reserved.add(try connection.reserve(size, after: used), size: size, now: now)
        }
        // Each time another process was faster. That does not happen by itself.
        if reserved.isHopeless { throw .failed(.other, "numbers cannot be reserved") }
    }

    private mutating func takeExchanges(of store: CaptureStore, at now: NIODeadline) {
        guard waiting.isEmpty else { return }
        let (contents, lost, begun) = store.takeUnsaved(Self.exchangesAtOnce)
        waiting = contents[...]
        let passed = (now - lookedAt).nanoseconds
        if passed >= 10_000_000 {
            isBusy = Int64(begun - self.begun) * 1_000_000_000 / passed > Self.busyRate
            (self.begun, lookedAt) = (begun, now)
        }
        losses.note(lost + numberless, at: now)
    }

    /// The run of this public URL. When that changes, another run begins, so that exchanges are found under theirs.
    private mutating func run(
        _ connection: HistoryConnection,
        _ url: String?,
        _ now: Int64
    ) throws(HistoryError) -> HistoryConnection.Run {
        var facts = facts
        facts.url = url ?? run?.facts.url ?? facts.url
        if let run, run.facts == facts { return run }
        let new = try connection.begin(facts, now: now)
        run = new
        if let id = new.id { runs.withLockedValue { $0 = $0.suffix(Self.runLimit - 1) + [id] } }
        return new
    }

    private mutating func write(_ connection: HistoryConnection, _ run: HistoryConnection.Run) throws(HistoryError) {
        var bytes = 0
        let some = waiting.prefix { content in
            defer { bytes += content.keptBytes }
            return bytes < Self.bytesAtOnce
        }
        let standings = some.map { reserved.standing(of: $0.number) }
        let valid = zip(some, standings).filter { $1 == .reserved }.map(\.0)
        if !valid.isEmpty { try connection.write(valid, of: run) }
        if valid.contains(where: \.row.isMarked) { room = nil }
        numberless += standings.count { $0 == .taken }
        // Those whose numbers are open come again, after numbers were reserved.
        waiting = zip(some, standings).filter { $1 == .open }.map(\.0) + waiting.dropFirst(some.count)
    }

    private mutating func tellOfLosses(at now: NIODeadline) { losses.tell(at: now, tell) }

    private mutating func end(_ error: HistoryError) {
        reserved.end()
        connection = nil
        waiting = []
        store?.endSaving()
        store = nil
        tell(.ended(error))
    }
}

extension CapturedExchange {
    /// The bytes of heads and bodies.
    fileprivate var keptBytes: Int {
        [requestHead, sentRequestHead, responseHead].reduce(0) { $0 + ($1?.count ?? 0) }
            + requestBody.bytes.count + responseBody.bytes.count
    }
}
