/// Memory of what waits, over many connections: of bytes that have left the tunnel and wait for local sockets, for
/// visitors on the server, for targets on the client; and of requests that are not complete.
///
/// Each connection has bounds of its own, and the other side is asked to wait long before them. This is for a peer that
/// does not listen: beyond ``limit`` the connection with the most waiting is given up, until the rest fits. Of a peer that
/// listens each connection has what was under way when it was asked, its part of the limit covers the usual of that, and from half
/// of the pool on it is asked early.
final class MemoryBudget {
    /// Beyond this much of a connection, when much waits in all, the other side is asked to wait.
    static let earlyPauseBytes = LocalWriter.smallPortion

    private let pool: Int
    private let perConnection: Int
    private var waiting: [ObjectIdentifier: (owner: any BudgetOwner, bytes: Int)] = [:]
    private(set) var bytes = 0

    /// - Parameters:
    ///   - pool: bytes for all connections together,
    ///   - perConnection: and for each that has any waiting.
    init(pool: Int, perConnection: Int = 128 * 1024) {
        self.pool = pool
        self.perConnection = perConnection
    }

    /// Bytes that may wait now.
    var limit: Int { pool + perConnection * waiting.count }

    /// Whether so much waits that each connection should keep little.
    var isHigh: Bool { bytes > pool / 2 }

    /// Takes note of the memory of what waits for a connection now.
    func note(_ bytes: Int, of owner: any BudgetOwner) {
        let key = ObjectIdentifier(owner)
        let before = waiting[key]?.bytes ?? 0
        guard bytes != before else { return }
        waiting[key] = bytes > 0 ? (owner, bytes) : nil
        self.bytes += bytes - before
        while self.bytes > limit, let worst = waiting.max(by: { $0.value.bytes < $1.value.bytes }) {
            waiting[worst.key] = nil
            self.bytes -= worst.value.bytes
            worst.value.owner.exceeded(self)
        }
    }
}

/// A connection with bytes waiting that count in a ``MemoryBudget``.
protocol BudgetOwner: AnyObject {
    /// It is to be closed at once, and what waits for it dropped.
    func exceeded(_ budget: MemoryBudget)
}

/// One connection's share of the budgets that it counts in.
///
/// A class, because a note may bring this very connection to be given up, which makes the next note.
final class BudgetShare {
    private var budgets: [MemoryBudget]
    /// Most connections never have anything waiting: those cost no look-up.
    private var isNoted = false

    init(_ budgets: [MemoryBudget]) {
        self.budgets = budgets
    }

    /// Whether so much waits somewhere that this connection should keep little.
    var isHigh: Bool { budgets.contains(where: \.isHigh) }

    /// Bytes that the connection's channel gets at a time now.
    var portion: Int { isHigh ? LocalWriter.smallPortion : LocalWriter.portion }

    /// Bytes waiting at which the other side is asked to wait now.
    func pauseBytes(usually bytes: Int) -> Int { isHigh ? MemoryBudget.earlyPauseBytes : bytes }

    /// Takes note of what waits for the connection now.
    func note(_ bytes: Int, of owner: any BudgetOwner) {
        guard bytes > 0 || isNoted else { return }
        isNoted = bytes > 0
        // Given up by the first of them, it is no longer in any.
        for budget in budgets where isNoted == (bytes > 0) { budget.note(bytes, of: owner) }
    }

    /// What waits counts in others from now on.
    func change(to others: [MemoryBudget], of owner: any BudgetOwner) {
        note(0, of: owner)
        budgets = others
    }
}
