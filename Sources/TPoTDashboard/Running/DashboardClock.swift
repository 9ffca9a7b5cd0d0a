import Dispatch
import NIOCore
import TPoTCapture

/// The dashboard's clock and timer. Tests use one that they move themselves.
package struct DashboardClock: Sendable {
    package var read: @Sendable () -> TrafficClock.Reading
    /// Runs an action once, at or after a given time.
    package var schedule: @Sendable (NIODeadline, @escaping @Sendable () -> Void) -> Void

    package init(
        read: @escaping @Sendable () -> TrafficClock.Reading,
        schedule: @escaping @Sendable (NIODeadline, @escaping @Sendable () -> Void) -> Void
    ) {
        self.read = read
        self.schedule = schedule
    }

    package static let system: DashboardClock = {
        let queue = DispatchQueue(label: "tpot.dashboard.clock")
        return DashboardClock(read: TrafficClock.system.read) { time, action in
            queue.asyncAfter(deadline: DispatchTime(uptimeNanoseconds: time.uptimeNanoseconds), execute: action)
        }
    }()
}
