/// How much the history keeps. What is marked is never removed.
package struct HistoryLimits: Hashable, Sendable {
    /// The most bytes of the file. The oldest exchanges go first.
    package var bytes: Int
    /// The most seconds since an exchange arrived.
    package var age: Int

    package init(bytes: Int = 256 * 1024 * 1024, age: Int = 7 * 24 * 3600) {
        self.bytes = bytes
        self.age = age
    }

    /// For commands that do not know how much the user wants to keep: they remove nothing.
    package static let unlimited = HistoryLimits(bytes: .max, age: 3_000_000_000)
}
