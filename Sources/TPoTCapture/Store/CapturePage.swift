/// A stretch of the list, newest first, and what is known about the rest.
package struct CapturePage: Hashable, Sendable {
    package var rows: [CaptureRow]
    /// The place of the first row, counted from the newest that matches: 0, 1, 2, … It is the one asked for, or less
    /// when the list has become shorter.
    package var from: Int
    /// Exchanges that match the filter, as far as the search has come.
    package var matching: Int
    /// Exchanges that are kept.
    package var kept: Int
    /// A new filter has not seen all that is kept: ask again with the next frame. ``CaptureStore/version`` goes on
    /// until it has.
    package var isSearching: Bool
    /// The number of the newest exchange of all, whatever the filter; 0 when there was none.
    package var newest: UInt64
}
