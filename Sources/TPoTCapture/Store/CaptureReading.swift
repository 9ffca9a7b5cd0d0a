import NIOCore
import TPoTTraffic

/// Read access to a capture. Lists are read in pages, never whole.
package protocol CaptureReading {
    var tunnel: TunnelSnapshot { get }

    /// A page of the list.
    /// - Parameter from: the number of lines above it. If it is too large, the result is the last page.
    func page(_ query: CaptureQuery, from: Int, count: Int) -> CapturePage

    /// The line of an exchange in the list, 0 for the topmost. If the exchange is not in the list, `isThere` is false
    /// and the place is that of the next older one.
    func position(of number: UInt64, _ query: CaptureQuery) -> (place: Int, isThere: Bool)

    /// The rows of exchanges of which a part lies in a span of time, newest first.
    /// - Parameter limit: the most rows.
    func rows(_ query: CaptureQuery, overlapping span: ClosedRange<NIODeadline>, limit: Int) -> [CaptureRow]

    /// The replays that stand under the same request in the list as this exchange, or under itself; oldest first.
    func replays(of number: UInt64) -> [UInt64]

    /// Everything that was kept of an exchange; nil if it was evicted or never existed.
    func detail(_ number: UInt64) -> CapturedExchange?

    /// The open conversations and the last 256 closed ones, in order of opening, newest first.
    func conversations(from: Int, count: Int) -> (rows: [ConversationRow], total: Int)

    func totals() -> CaptureTotals

    /// The number of exchanges that ``CaptureStore/clearUnmarked()`` would remove. Too slow for each frame.
    func clearable() -> Int
}

/// Reads a store while its lock is held, so that all answers come from one snapshot.
///
/// It points into the store, so it is valid only inside ``CaptureStore/read(_:)``.
final class LockedCapture: CaptureReading {
    private let state: UnsafeMutablePointer<CaptureState>
    private let now: NIODeadline
    private var prepared: CaptureQuery?

    init(state: UnsafeMutablePointer<CaptureState>, now: NIODeadline) {
        self.state = state
        self.now = now
    }

    /// Once for a snapshot: all answers have to be about the same list.
    private func prepare(_ query: CaptureQuery) {
        guard prepared != query else { return }
        prepared = query
        state.pointee.prepare(query)
    }

    var tunnel: TunnelSnapshot { state.pointee.tunnel }

    func page(_ query: CaptureQuery, from: Int, count: Int) -> CapturePage {
        prepare(query)
        return state.pointee.page(query, from: from, count: count)
    }

    func position(of number: UInt64, _ query: CaptureQuery) -> (place: Int, isThere: Bool) {
        prepare(query)
        return state.pointee.position(of: number, query)
    }

    func rows(_ query: CaptureQuery, overlapping span: ClosedRange<NIODeadline>, limit: Int) -> [CaptureRow] {
        prepare(query)
        return state.pointee.rows(overlapping: span, limit: limit)
    }

    func replays(of number: UInt64) -> [UInt64] {
        let families = state.pointee.families
        return families.replays[families.root(of: number)]?.map(\.number) ?? []
    }

    func detail(_ number: UInt64) -> CapturedExchange? { state.pointee.records[number]?.content }

    func conversations(from: Int, count: Int) -> (rows: [ConversationRow], total: Int) {
        (state.pointee.conversationPage(from: from, count: count), state.pointee.conversations.count)
    }

    func totals() -> CaptureTotals { state.pointee.computeTotals(at: now) }

    func clearable() -> Int { state.pointee.clearable }
}

/// A page of the list, with counts for the whole list.
package struct CapturePage: Hashable, Sendable {
    package var lines: [CaptureLine]
    /// The place of the first line. It is the requested place, or less if the list is too short for it.
    package var from: Int
    /// The lines of the whole list.
    package var lineCount: Int
    /// The exchanges that match the filter, as far as the search has got.
    package var matching: Int
    /// The exchanges that are kept.
    package var kept: Int
    /// Those of them that are of earlier runs.
    package var earlier = 0
    /// The search for a new filter is not finished. ``CaptureStore/version`` changes as it goes on.
    package var isSearching: Bool
    /// The number of the newest exchange, whether it matches or not; 0 if there was none.
    package var newest: UInt64
    /// The exchanges that have begun so far, whether they match or not, and kept or not.
    package var begun: Int
    /// What the filter's words find in bodies, where they find nothing else. Nil if that was not looked for.
    package var bodyMatches: BodyMatches? = nil
}

/// What the words of a filter would find in bodies.
package struct BodyMatches: Hashable, Sendable {
    /// The exchanges whose bodies have the words, so far.
    package var count: Int
    package var isSearching: Bool
    /// The filter that finds them: `body:invoice`.
    package var filter: String

    package init(count: Int, isSearching: Bool, filter: String) {
        self.count = count
        self.isSearching = isSearching
        self.filter = filter
    }
}
