/// What has become of a text that was to be copied.
package struct CopyOutcome: Hashable, Sendable {
    package enum Place: Hashable, Sendable {
        case clipboard, tmuxBuffer
        /// The terminal got it, and gives no answer.
        case terminal
        /// Nobody took it.
        case nowhere
    }

    package var place: Place
    /// What was tried before, and why it did not work.
    package var failures: [String]

    package init(_ place: Place, failures: [String] = []) {
        self.place = place
        self.failures = failures
    }
}
