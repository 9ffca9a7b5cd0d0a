/// An exchange as a list shows it.
package struct CaptureRow: Hashable, Sendable {
    package var exchange: Exchange
    /// When the request came, in nanoseconds since 1970 (UTC).
    package var unixNanoseconds: Int64
    /// Never evicted.
    package var isMarked: Bool

    package var number: UInt64 { exchange.number }
}
