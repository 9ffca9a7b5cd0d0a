/// Where the numbers of exchanges come from.
package enum ExchangeNumbers: Sendable {
    /// 1, 2, 3, … in this run.
    case counted
    /// From somewhere else. Each number must be larger than the one before.
    case reserved(@Sendable () -> UInt64)
}
