/// The open comparison of a replay's response with the original's.
package struct ComparisonState: Hashable, Sendable {
    /// The replay.
    package var number: UInt64
    package var original: UInt64
    package var scroll = DocumentPosition()
}
