/// Limits the memory of waiting bytes over many connections. It counts bytes that have left the tunnel and wait for
/// local sockets (visitors on the server, targets on the client), and requests that are not complete.
///
/// Each connection also has limits of its own, and the other side is asked to wait long before they are reached. This
/// budget is for a peer that does not comply: beyond ``limit`` the connection with the most waiting bytes is given up,
/// until the rest fits.
///
/// A peer that complies leaves on each connection only what was in flight when it was asked to wait. The connection's
/// share of the limit usually covers that, and the peer is asked early once half of the pool is used.
final class MemoryBudget {
    /// Waiting bytes of one connection beyond which the other side is asked to wait, while the budget is high.
    static let earlyPauseBytes = LocalWriter.smallPortion

    private let pool: Int
    private let perConnection: Int
    private var waiting: [ObjectIdentifier: (owner: any BudgetOwner, bytes: Int)] = [:]
    private(set) var bytes = 0

    /// - Parameters:
    ///   - pool: bytes for all connections together.
    ///   - perConnection: further bytes for each connection that has any waiting.
    init(pool: Int, perConnection: Int = 128 * 1024) {
        self.pool = pool
        self.perConnection = perConnection
    }

    /// Bytes that may wait now, over all connections.
    var limit: Int { pool + perConnection * waiting.count }

    /// Whether so many bytes wait that each connection should keep few.
    var isHigh: Bool { bytes > pool / 2 }

    /// Notes how much memory the waiting bytes of a connection use now.
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

/// A connection whose waiting bytes count in a ``MemoryBudget``.
protocol BudgetOwner: AnyObject {
    /// Closes the connection at once and drops its waiting bytes.
    func exceeded(_ budget: MemoryBudget)
}

/// One connection's share of the budgets that it counts in.
///
/// A class, because a note may make a budget give up this same connection, which then makes the next note from within.
final class BudgetShare {
    private var budgets: [MemoryBudget]
    /// Whether a budget knows of waiting bytes. Most connections never have any and so need no look-up.
    private var isNoted = false

    init(_ budgets: [MemoryBudget]) {
        self.budgets = budgets
    }

    /// Whether so many bytes wait in one of the budgets that this connection should keep few.
    var isHigh: Bool { budgets.contains(where: \.isHigh) }

    /// The most bytes that the connection's channel gets at a time now.
    var portion: Int { isHigh ? LocalWriter.smallPortion : LocalWriter.portion }

    /// The number of waiting bytes at which the other side is asked to wait now.
    func pauseBytes(usually bytes: Int) -> Int { isHigh ? MemoryBudget.earlyPauseBytes : bytes }

    /// Notes how much memory the connection's waiting bytes use now.
    func note(_ bytes: Int, of owner: any BudgetOwner) {
        guard bytes > 0 || isNoted else { return }
        isNoted = bytes > 0
        // If the first budget gives up the connection, that has already removed it from all budgets: the rest is
        // skipped.
        for budget in budgets where isNoted == (bytes > 0) { budget.note(bytes, of: owner) }
    }

    /// Counts the waiting bytes in other budgets from now on.
    func change(to others: [MemoryBudget], of owner: any BudgetOwner) {
        note(0, of: owner)
        budgets = others
    }
}
