import NIOCore

/// When the user is told how many exchanges are missing in the history: as soon as no more are lost, while they are being
/// lost after a few seconds, and at most once a minute.
struct LossReport: Sendable {
    private static let quiet = TimeAmount.seconds(1)
    private static let patience = TimeAmount.seconds(10)
    private static let interval = TimeAmount.seconds(60)

    private var lost = 0
    private var told = 0
    private var toldAt: NIODeadline?
    /// When the first one that the user was not told of was lost, and the last one.
    private var firstAt: NIODeadline?
    private var lastAt = NIODeadline.uptimeNanoseconds(0)

    mutating func note(_ lost: Int, at now: NIODeadline) {
        guard lost > self.lost else { return }
        self.lost = lost
        firstAt = firstAt ?? now
        lastAt = now
    }

    /// How long to wait before it may be time to tell; nil if there is nothing to tell.
    var pause: TimeAmount? { lost > told ? Self.quiet : nil }

    mutating func tell(at now: NIODeadline, _ tell: (HistoryWriter.Notice) -> Void) {
        guard let firstAt, toldAt.map({ now - $0 >= Self.interval }) ?? true else { return }
        guard now - lastAt >= Self.quiet || now - firstAt >= Self.patience else { return }
        toldAt = now
        tellNow(tell)
    }

    mutating func tellNow(_ tell: (HistoryWriter.Notice) -> Void) {
        guard lost > told else { return }
        (told, firstAt) = (lost, nil)
        tell(.lost(lost))
    }
}
