/// One connection's part in the backlogs that it counts in.
///
/// A class, because a note may bring this very connection to be given up, which makes the next note.
final class BacklogMembership {
    private var backlogs: [Backlog]
    /// Most connections never have anything waiting: those cost no look-up.
    private var isNoted = false

    init(_ backlogs: [Backlog]) {
        self.backlogs = backlogs
    }

    /// Whether so much waits somewhere that this connection should keep little.
    var isHigh: Bool { backlogs.contains(where: \.isHigh) }

    /// Bytes that the connection's channel gets at a time now.
    var portion: Int { isHigh ? LocalWriter.smallPortion : LocalWriter.portion }

    /// Bytes waiting at which the other side is asked to wait now.
    func pauseBytes(usually bytes: Int) -> Int { isHigh ? Backlog.earlyPauseBytes : bytes }

    /// Takes note of what waits for the connection now.
    func note(_ bytes: Int, of owner: any BacklogOwner) {
        guard bytes > 0 || isNoted else { return }
        isNoted = bytes > 0
        // Given up by the first of them, it is no longer in any.
        for backlog in backlogs where isNoted == (bytes > 0) { backlog.note(bytes, of: owner) }
    }

    /// What waits counts in others from now on.
    func change(to others: [Backlog], of owner: any BacklogOwner) {
        note(0, of: owner)
        backlogs = others
    }
}
