import NIOCore

/// Bounds how often something is said in the log that others can have happen as often as they like.
struct LogThrottle {
    /// From one line to the next.
    static let interval = TimeAmount.minutes(1)

    private var count = 0
    private var lastLine: NIODeadline?

    /// To be called each time that it happens.
    ///
    /// - Returns: what to add to the line; nil where none is due.
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
