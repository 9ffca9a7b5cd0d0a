/// A replay that was asked for and whose row has not come yet: when it comes, it takes the cursor.
package struct AwaitedReplay: Hashable, Sendable {
    /// Exchanges that are looked at for one picture.
    static let stretch: UInt64 = 256

    package var original: UInt64
    /// How many rows are still to come.
    package var count: Int
    /// Exchanges up to this number have been looked at.
    package var seen: UInt64
    /// The first one that came.
    package var first: UInt64?
    /// Those that came and that the filter hides, as long as an answer may still change that.
    package var hidden: [UInt64] = []
}
