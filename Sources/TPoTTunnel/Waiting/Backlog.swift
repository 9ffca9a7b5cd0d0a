/// Memory of what waits, over many connections: of bytes that have left the tunnel and wait for local sockets, for
/// visitors on the server, for targets on the client; and of requests that are not complete.
///
/// Each connection has bounds of its own, and the other side is asked to wait long before them. This is for a peer that
/// does not listen: beyond ``most`` the connection with the most waiting is given up, until the rest fits. Of a peer that
/// listens each connection has what was under way when it was asked, its share covers the usual of that, and from half
/// of the pool on it is asked early.
final class Backlog {
    /// Beyond this much of a connection, when much waits in all, the other side is asked to wait.
    static let earlyPauseBytes = LocalWriter.smallPortion

    private let pool: Int
    private let share: Int
    private var waiting: [ObjectIdentifier: (owner: any BacklogOwner, bytes: Int)] = [:]
    private(set) var bytes = 0

    /// - Parameters:
    ///   - pool: bytes for all connections together,
    ///   - share: and for each that has any waiting.
    init(pool: Int, share: Int = 128 * 1024) {
        self.pool = pool
        self.share = share
    }

    var most: Int { pool + share * waiting.count }

    /// Whether so much waits that each connection should keep little.
    var isHigh: Bool { bytes > pool / 2 }

    /// Takes note of the memory of what waits for a connection now.
    func note(_ bytes: Int, of owner: any BacklogOwner) {
        let key = ObjectIdentifier(owner)
        let before = waiting[key]?.bytes ?? 0
        guard bytes != before else { return }
        waiting[key] = bytes > 0 ? (owner, bytes) : nil
        self.bytes += bytes - before
        while self.bytes > most, let worst = waiting.max(by: { $0.value.bytes < $1.value.bytes }) {
            waiting[worst.key] = nil
            self.bytes -= worst.value.bytes
            worst.value.owner.exceeded(self)
        }
    }
}

/// A connection with bytes waiting in a ``Backlog``.
protocol BacklogOwner: AnyObject {
    /// It is to be closed at once, and what waits for it dropped.
    func exceeded(_ backlog: Backlog)
}
