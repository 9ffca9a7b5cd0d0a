import NIOCore

/// What the last line tells for a while.
package struct ShownMessage: Hashable, Sendable {
    package var message: DashboardMessage
    package var until: NIODeadline
}

/// The outcome of something, for the user.
package struct DashboardMessage: Hashable, Sendable {
    package var text: String
    package var isFailure: Bool

    package init(_ text: String, isFailure: Bool = false) {
        self.text = text
        self.isFailure = isFailure
    }

    /// How long it stays, unless a key is pressed first.
    static func duration(isFailure: Bool) -> TimeAmount { isFailure ? .seconds(10) : .seconds(5) }
}
