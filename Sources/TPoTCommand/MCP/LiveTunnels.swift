import TPoTControl
import TPoTWire

/// Tells which tunnels are open right now. The history does not know it: it only has what came through them.
protocol LiveTunnels: Sendable {
    func open() async -> [LiveTunnel]
}

/// A tunnel that is open.
struct LiveTunnel: Hashable, Sendable {
    var name: String?
    var url: String?
    var target: String
    /// `online`, `reconnecting`, …
    var state: String
    /// When its tpot was started, in nanoseconds since 1970.
    var started: Int64?
}

/// Asks the running processes of this user.
struct RunningTunnels: LiveTunnels {
    let context: ProcessContext

    func open() async -> [LiveTunnel] {
        await ControlCommandRunner.running(in: context).compactMap(\.status).map { status in
            LiveTunnel(
                name: status.name,
                url: status.url,
                target: status.target,
                state: status.state.rawValue,
                started: UTCTime.unixNanoseconds(rfc3339: status.started.utf8)
            )
        }
    }
}
