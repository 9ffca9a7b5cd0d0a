import NIOConcurrencyHelpers

/// Numbers of exchanges that no other process uses, and that are never used again (see ``NumberLots``).
///
/// The thread that fills the capture takes them; the writer's queue reserves them.
final class ReservedNumbers: Sendable {
    /// The numbers of the first lot. Whoever needs them faster than one lot a second gets twice as many the next time.
    private static let firstLot: UInt64 = 100
    private static let largestLot: UInt64 = 6_400

    private struct State {
        var lots: NumberLots
        var size = ReservedNumbers.firstLot
        var reservedAt: Int64
        /// Someone was asked to reserve a lot.
        var isAsked = false
        /// Nothing is written any more.
        var isOver = false
    }

    private let state: NIOLockedValueBox<State>
    private let low = NIOLockedValueBox<(@Sendable () -> Void)?>(nil)

    /// A number that no exchange has. Those from before this run are smaller, those of this run are larger.
    /// Nil if this run is the first one, or it was known how many numbers it needs.
    let earlierLine: UInt64?

    /// Reserves the first numbers.
    /// - Parameters:
    ///   - expected: how many are needed, if that is known.
    ///   - now: monotonic milliseconds.
    init(_ connection: HistoryConnection, expected: Int? = nil, now: Int64) throws(HistoryError) {
        let count = expected.map { UInt64(min(max($0, 1), Int(Self.largestLot))) }
        let lot = try connection.reserveFirst(count ?? Self.firstLot)
        let hasLine = expected == nil && lot.lowerBound > 1
        earlierLine = hasLine ? lot.lowerBound : nil
        let lots = NumberLots(hasLine ? lot.dropFirst() : lot, isEnough: expected != nil)
        state = NIOLockedValueBox(State(lots: lots, reservedAt: now))
    }

    /// - Parameter action: called when another lot is to be reserved, on the thread that takes numbers. It must be quick.
    func onLow(_ action: @escaping @Sendable () -> Void) { low.withLockedValue { $0 = action } }

    func next() -> UInt64 {
        let (number, isNew) = state.withLockedValue { state in
            let number = state.lots.take()
            let isNew = state.lots.isLow && !state.isAsked && !state.isOver
            if isNew { state.isAsked = true }
            return (number, isNew)
        }
        if isNew { low.withLockedValue { $0 }?() }
        return number
    }

    /// The size of the lot that is to be reserved now, and the first number that it must not have; nil if there are enough.
    func wanted(now: Int64) -> (size: UInt64, after: UInt64)? {
        state.withLockedValue { state in
            guard state.lots.isLow else { return nil }
            let passed = now - state.reservedAt
            let size =
                passed < 1_000
                ? min(2 * state.size, Self.largestLot) : passed < 10_000 ? state.size : Self.firstLot
            return (size, state.lots.next)
        }
    }

    func add(_ lot: Range<UInt64>, size: UInt64, now: Int64) {
        state.withLockedValue { state in
            state.lots.add(lot)
            (state.size, state.reservedAt, state.isAsked) = (size, now, false)
        }
    }

    func standing(of number: UInt64) -> NumberLots.Standing { state.withLockedValue { $0.lots.standing(of: number) } }

    var isHopeless: Bool { state.withLockedValue { $0.lots.isHopeless } }

    /// Nothing is written any more: numbers that are handed out from here on mean nothing beyond this run.
    func end() { state.withLockedValue { $0.isOver = true } }

    /// Whether the exchange with this number is in the history, or will be if all goes well.
    func isKept(_ number: UInt64) -> Bool {
        state.withLockedValue { !$0.isOver && $0.lots.standing(of: number) == .reserved }
    }
}
