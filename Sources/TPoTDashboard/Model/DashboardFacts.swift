import TPoTInspect
import TPoTWire

/// Facts that do not change while the dashboard is open.
package struct DashboardFacts: Sendable {
    /// The target as a URL: `http://localhost:8080`. Empty without a tunnel if replays have none.
    package var target: String
    /// What is shown where there is no tunnel: a file's name; nil for a tunnel.
    package var opened: String?
    /// The server runs in this process, so the URL works only on this machine.
    package var isEmbedded: Bool
    /// Hides credentials in what leaves the dashboard, such as copied text.
    package var mask: SecretMask
    /// Signs replays anew; nil if no secret of a webhook is known, or the target is none that may get such signatures.
    package var signing: ReplaySigning?
    /// The seconds to add to UTC for local time, at a given moment (seconds since 1970).
    package var utcOffset: @Sendable (Int64) -> Int

    package init(
        target: String,
        opened: String? = nil,
        isEmbedded: Bool = false,
        mask: SecretMask = SecretMask(),
        signing: ReplaySigning? = nil,
        utcOffset: @escaping @Sendable (Int64) -> Int = LocalTime.utcOffset
    ) {
        self.target = target
        self.opened = opened
        self.isEmbedded = isEmbedded
        self.mask = mask
        self.signing = signing
        self.utcOffset = utcOffset
    }

    /// The target as the header shows it. HTTP goes without saying.
    var shortTarget: String { target.hasPrefix("http://") ? String(target.dropFirst("http://".count)) : target }

    /// `2026-11-26 14:02`, in local time.
    func minute(_ unixNanoseconds: Int64) -> String {
        let offset = Int64(utcOffset(unixNanoseconds / 1_000_000_000)) * 1_000_000_000
        return String(UTCTime.seconds(unixNanoseconds: unixNanoseconds &+ offset).prefix(16))
    }

    func timeOfDay(_ unixNanoseconds: Int64, withMilliseconds: Bool = true) -> String {
        let offset = Int64(utcOffset(unixNanoseconds / 1_000_000_000)) * 1_000_000_000
        return Formats.timeOfDay(unixNanoseconds &+ offset, withMilliseconds: withMilliseconds)
    }
}
