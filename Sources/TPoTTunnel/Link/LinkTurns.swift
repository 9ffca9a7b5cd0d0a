import NIOCore

/// Lets the sockets of an event loop have their turn between the turns of its links.
///
/// NIO does everything that is due before it looks at its sockets again, and also what comes to be due meanwhile: only
/// when all tasks lie in the future does it look. So the links that have more to send wait in one place, for one task,
/// which is asked for after the last of them has sent its share. With a task each, two links would keep each other due.
final class LinkTurns {
    /// As little as is not over before NIO has come round.
    static let pause = TimeAmount.microseconds(5)

    private let waiting = FlushQueue<any LinkTurnTaker>()
    private var isScheduled = false
    private var isRunning = false

    /// Calls the link when the sockets have had their turn, once. Held until then.
    func wait(_ link: any LinkTurnTaker, on eventLoop: any EventLoop) {
        waiting.add(link)
        schedule(on: eventLoop)
    }

    private func schedule(on eventLoop: any EventLoop) {
        guard !isScheduled, !isRunning, !waiting.isEmpty else { return }
        isScheduled = true
        eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { self.run(on: eventLoop) }
    }

    private func run(on eventLoop: any EventLoop) {
        isScheduled = false
        isRunning = true
        waiting.flush { $0.takeTurn() }
        isRunning = false
        schedule(on: eventLoop)
    }
}

/// A link with more to send than fits a turn.
protocol LinkTurnTaker: AnyObject {
    func takeTurn()
}
