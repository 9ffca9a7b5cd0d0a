import NIOConcurrencyHelpers

/// Numbers of exchanges that no other process uses, and that are never used again.
///
/// They are reserved in lots, through a connection of their own, so that a number never waits for exchanges that are being
/// written. The thread that fills the capture calls this; the tunnel never does.
final class ReservedNumbers: Sendable {
    /// The numbers of the first lot. Whoever needs them faster than one lot a second gets twice as many the next time.
    private static let firstLot = 100
    private static let largestLot = 6_400

    private struct State {
        let connection: HistoryConnection
        var lot: Range<UInt64>
        var size = ReservedNumbers.firstLot
        var reservedAt: Int64
        var failure: HistoryError?
    }

    private let state: NIOLockedValueBox<State>
    private let milliseconds: @Sendable () -> Int64

    /// - Parameters:
    ///   - expected: how many are needed, if that is known.
    ///   - milliseconds: monotonic time.
    init(
        _ connection: HistoryConnection,
        expected: Int? = nil,
        milliseconds: @escaping @Sendable () -> Int64
    ) throws(HistoryError) {
        // Writing back to the file may take long; the connection that writes exchanges does it.
        try connection.database.run("PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -64; PRAGMA busy_timeout = 250")
        let count = max(1, min(expected ?? Self.firstLot, Self.largestLot))
        let first = try connection.reserve(count)
        isFirst = first == 1
        let lot = first..<first + UInt64(count)
        state = NIOLockedValueBox(State(connection: connection, lot: lot, reservedAt: milliseconds()))
        self.milliseconds = milliseconds
    }

    /// No number was reserved before.
    let isFirst: Bool

    /// Why no numbers could be reserved. Those that were given out since only count up, so others may use them, too.
    var failure: HistoryError? { state.withLockedValue { $0.failure } }

    func next() -> UInt64 {
        let now = milliseconds
        return state.withLockedValue { state in
            if state.lot.isEmpty, state.failure == nil { Self.refill(&state, now()) }
            let number = state.lot.lowerBound
            // After a failure the lot is empty, and the numbers go on behind it.
            state.lot = number + 1..<max(number + 1, state.lot.upperBound)
            return number
        }
    }

    private static func refill(_ state: inout State, _ now: Int64) {
        state.size = now - state.reservedAt < 1000 ? min(2 * state.size, largestLot) : firstLot
        state.reservedAt = now
        do throws(HistoryError) {
            let first = try state.connection.reserve(state.size)
            state.lot = first..<first + UInt64(state.size)
        } catch {
            state.failure = error
        }
    }
}
