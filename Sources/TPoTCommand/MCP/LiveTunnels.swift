/// Tells which tunnels are open right now. The history does not know it: it only has what came through them.
protocol LiveTunnels: Sendable {
    /// Nil if that cannot be told.
    func open() async -> [LiveTunnel]?
}

/// A tunnel that is open.
struct LiveTunnel: Hashable, Sendable {
    var name: String?
    var url: String?
    var target: String
    /// When its tpot was started, in nanoseconds since 1970.
    var started: Int64
}

/// Where nothing tells which tunnels are open.
struct UnknownLiveTunnels: LiveTunnels {
    func open() async -> [LiveTunnel]? { nil }
}
