/// The open comparison of a replay with its original, or of any two exchanges.
package struct ComparisonState: Hashable, Sendable {
    /// The replay, or the newer one.
    package var number: UInt64
    package var original: UInt64
    package var scroll = DocumentPosition()
}
