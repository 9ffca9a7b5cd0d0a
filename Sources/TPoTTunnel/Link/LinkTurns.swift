import NIOCore

/// Gives the sockets of an event loop a turn between the turns of its links.
///
/// NIO runs all due tasks, including those that become due meanwhile, before it polls its sockets. So the links that
/// have more to send wait in one queue for one task. That task is scheduled after the last of them has sent its share.
/// With a task for each link, two links would always have one due, and the sockets would never be polled.
final class LinkTurns {
    /// The shortest delay that is still in the future when NIO next checks its tasks.
    static let pause = TimeAmount.microseconds(5)

    private let waiting = FlushQueue<any LinkTurnTaker>()
    private var isScheduled = false
    private var isRunning = false

    /// Calls the link once, after the sockets have had their turn. Retains the link until then.
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
