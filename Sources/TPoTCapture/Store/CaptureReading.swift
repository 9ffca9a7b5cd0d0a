import NIOCore
import TPoTTraffic

/// What can be asked of a capture: pages, never everything.
package protocol CaptureReading {
    var tunnel: TunnelSnapshot { get }

    /// A stretch of the list, newest first.
    /// - Parameters:
    ///   - last: newer exchanges are left out: the list as it was when that one was the newest.
    ///   - from: how many of the newest that match are passed over; too large a number gives the oldest page.
    func page(_ filter: CaptureFilter, upTo last: UInt64, from: Int, count: Int) -> CapturePage

    /// The place of an exchange in the list: 0 for the newest that matches. For one that is not in it (any more), the
    /// place of the next older one, and `isThere` is false.
    func position(of number: UInt64, _ filter: CaptureFilter, upTo last: UInt64) -> (place: Int, isThere: Bool)

    /// All that was kept of an exchange; nil when it was evicted or never was.
    func detail(_ number: UInt64) -> CapturedExchange?

    /// Open conversations and the last 256 closed ones, the one opened last first.
    func conversations(from: Int, count: Int) -> (rows: [ConversationRow], total: Int)

    func totals() -> CaptureTotals
}

/// The answers of a store whose lock is taken, so that all of them are of one moment.
///
/// It points into the store, and so is worth something only for as long as ``CaptureStore/read(_:)`` lends it.
struct LockedCapture: CaptureReading {
    let state: UnsafeMutablePointer<CaptureState>
    let now: NIODeadline

    var tunnel: TunnelSnapshot { state.pointee.tunnel }

    func page(_ filter: CaptureFilter, upTo last: UInt64, from: Int, count: Int) -> CapturePage {
        state.pointee.prepare(filter)
        return state.pointee.page(upTo: last, from: from, count: count)
    }

    func position(of number: UInt64, _ filter: CaptureFilter, upTo last: UInt64) -> (place: Int, isThere: Bool) {
        state.pointee.prepare(filter)
        return state.pointee.position(of: number, upTo: last)
    }

    func detail(_ number: UInt64) -> CapturedExchange? { state.pointee.records[number]?.content }

    func conversations(from: Int, count: Int) -> (rows: [ConversationRow], total: Int) {
        (state.pointee.conversationPage(from: from, count: count), state.pointee.conversations.count)
    }

    func totals() -> CaptureTotals { state.pointee.totals(at: now) }
}

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
