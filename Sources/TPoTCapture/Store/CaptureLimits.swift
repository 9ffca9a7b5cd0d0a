/// How much a capture keeps.
package struct CaptureLimits: Hashable, Sendable {
    /// Bytes of each body, as on the wire; 0 for no bodies.
    package var bodyBytes: Int
    /// Bytes of everything that is kept: heads, bodies and what a row costs.
    package var memoryBytes: Int

    package init(bodyBytes: Int = 1024 * 1024, memoryBytes: Int = 64 * 1024 * 1024) {
        self.bodyBytes = bodyBytes
        self.memoryBytes = memoryBytes
    }

    /// Interim heads of one exchange that are kept.
    static let interimHeads = 8
    /// Closed conversations that are remembered.
    static let closedConversations = 256
}
