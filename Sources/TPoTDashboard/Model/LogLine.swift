/// A line of the program's own log.
package struct LogLine: Hashable, Sendable {
    package enum Level: Hashable, Sendable {
        case debug, info, warning, error
    }

    /// Since 1970, UTC.
    package var unixNanoseconds: Int64
    package var level: Level
    /// May hold text from the network; it is made visible when it is shown.
    package var text: String

    package init(unixNanoseconds: Int64, level: Level, text: String) {
        self.unixNanoseconds = unixNanoseconds
        self.level = level
        self.text = text
    }
}
