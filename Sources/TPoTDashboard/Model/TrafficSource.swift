import NIOCore
import TPoTCapture

/// Where the dashboard gets what it shows: pages, never everything. ``CaptureStore`` is one.
package protocol TrafficSource: AnyObject, Sendable {
    /// Changes whenever something that can be asked for has changed.
    var version: UInt64 { get }
    var tunnel: TunnelSnapshot { get }

    func page(_ filter: CaptureFilter, upTo last: UInt64, from: Int, count: Int) -> CapturePage
    func position(
        of number: UInt64,
        _ filter: CaptureFilter,
        upTo last: UInt64
    ) -> (place: Int, isThere: Bool)
    func detail(_ number: UInt64) -> CapturedExchange?
    func conversations(from: Int, count: Int) -> (rows: [ConversationRow], total: Int)
    func totals() -> CaptureTotals

    @discardableResult func mark(_ number: UInt64, _ isMarked: Bool) -> Bool
    @discardableResult func clearUnmarked() -> Int
}

extension CaptureStore: TrafficSource {}
