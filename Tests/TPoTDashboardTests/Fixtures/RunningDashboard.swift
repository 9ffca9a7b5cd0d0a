import NIOCore
import Synchronization
import TPoTCapture
import TestSupport

@testable import TPoTDashboard

/// A running dashboard, with a terminal in memory and a clock that the test moves.
final class RunningDashboard {
    let terminal: FakeTerminal
    let actions: FakeActions
    let dashboard: Dashboard
    let store: CaptureStore
    let log = LogBuffer()
    let alarms: Alarms
    private var traffic = Transcript()
    private let clock = TestClock()
    private var task: Task<DashboardEnd, Never>?

    /// The scheduled actions of the clock.
    final class Alarms: Sendable {
        private let waiting = Mutex<[(time: NIODeadline, action: @Sendable () -> Void)]>([])
        private let clock: TestClock
        private let skipsFrames: Bool

        init(_ clock: TestClock, skipsFrames: Bool) {
            self.clock = clock
            self.skipsFrames = skipsFrames
        }

        var count: Int { waiting.withLock { $0.count } }

        func add(_ time: NIODeadline, _ action: @escaping @Sendable () -> Void) {
            let now = clock.clock.read().monotonic
            if time <= now {
                action()
            } else if skipsFrames, time - now <= Dashboard.frame {
                clock.move(to: Int(time.uptimeNanoseconds / 1_000_000))
                action()
            } else {
                waiting.withLock { $0.append((time, action)) }
            }
        }

        func move(to time: Int) {
            clock.move(to: time)
            let now = Transcript.deadline(time)
            let due = waiting.withLock { waiting in
                defer { waiting.removeAll { $0.time <= now } }
                return waiting.filter { $0.time <= now }
            }
            for alarm in due { alarm.action() }
        }
    }

    /// - Parameter skipsFrames: lets the time between two pictures pass by itself.
    init(_ terminal: FakeTerminal = FakeTerminal(), _ actions: FakeActions = FakeActions(), skipsFrames: Bool = true) {
        self.terminal = terminal
        self.actions = actions
        store = testStore(clock)
        alarms = Alarms(clock, skipsFrames: skipsFrames)
        dashboard = Dashboard(
            terminal: terminal,
            source: store,
            actions: actions,
            log: log,
            facts: DashboardFacts(target: "http://localhost:8080", utcOffset: { _ in 0 }),
            clock: DashboardClock(read: clock.clock.read, schedule: { [alarms] in alarms.add($0, $1) })
        )
        task = Task { [dashboard] in await dashboard.run() }
    }

    private var time: Int { Int(clock.clock.read().monotonic.uptimeNanoseconds / 1_000_000) }

    func play(_ body: (inout Transcript) -> Void) {
        traffic.time = time
        body(&traffic)
        store.consume(&traffic)
        alarms.move(to: traffic.time)
        dashboard.wake()
    }

    func move(by milliseconds: Int) {
        alarms.move(to: time + milliseconds)
    }

    /// Waits for a picture that contains a text.
    @discardableResult
    func picture(with text: String) async -> Screen? {
        await terminal.drawn.first { screen in screen.text.contains { $0.contains(text) } }
    }

    /// Returns when all earlier keys have been handled.
    func settle() async throws {
        try terminal.type("p")
        _ = await actions.calls.first { $0.hasPrefix("hold") }
    }

    func end() async -> DashboardEnd? { await task?.value }
}
