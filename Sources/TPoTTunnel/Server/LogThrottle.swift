import NIOCore

/// Limits how often the log has a line about an event that others can cause as often as they like.
struct LogThrottle {
    /// The shortest time between two lines.
    static let interval = TimeAmount.minutes(1)

    private var count = 0
    private var lastLine: NIODeadline?

    /// Notes an event. To be called each time that it happens.
    ///
    /// - Returns: the text to add to the line; nil if no line is due.
    mutating func note(at now: NIODeadline) -> String? {
        count += 1
        if let lastLine, now - lastLine < Self.interval { return nil }
        defer {
            lastLine = now
            count = 0
        }
        return count > 1 ? " (\(count) times since the last such line)" : ""
    }
}
