import TPoTInspect
import TPoTWire

/// What does not change while the dashboard is open.
package struct DashboardFacts: Sendable {
    /// `http://localhost:8080`, as the header shows it.
    package var target: String
    /// The server runs in this process: nobody outside of this machine reaches the URL.
    package var isEmbedded: Bool
    /// Hides what lets somebody in where it leaves the screen.
    package var mask: SecretMask
    /// Seconds to add to UTC at a moment (seconds since 1970) for the time of day that the user reads on his clock.
    package var utcOffset: @Sendable (Int64) -> Int

    package init(
        target: String,
        isEmbedded: Bool = false,
        mask: SecretMask = SecretMask(),
        utcOffset: @escaping @Sendable (Int64) -> Int = LocalTime.utcOffset
    ) {
        self.target = target
        self.isEmbedded = isEmbedded
        self.mask = mask
        self.utcOffset = utcOffset
    }

    func timeOfDay(_ unixNanoseconds: Int64, withMilliseconds: Bool = true) -> String {
        let offset = Int64(utcOffset(unixNanoseconds / 1_000_000_000)) * 1_000_000_000
        return Formats.timeOfDay(unixNanoseconds &+ offset, withMilliseconds: withMilliseconds)
    }
}
