import NIOConcurrencyHelpers
import NIOCore
import TPoTCapture
import TestSupport
import Testing

@testable import TPoTDashboard

/// The cost of a picture depends on its size, not on how much is kept.
@Suite struct PictureCostTests {
    /// Counts the calls to a store.
    private final class CountingSource: TrafficSource {
        private let store: CaptureStore
        private let counts = NIOLockedValueBox((calls: 0, rows: 0, outside: 0))
        private let reading = NIOLockedValueBox((isOpen: false, count: 0))

        init(_ store: CaptureStore) { self.store = store }

        /// How many snapshots were read.
        var snapshots: Int { reading.withLockedValue { $0.count } }

        /// Returns the counts since the last call and resets them. `outside` counts calls outside of snapshots.
        func takeCounts() -> (calls: Int, rows: Int, outside: Int) {
            counts.withLockedValue { counts in
                defer { counts = (0, 0, 0) }
                return counts
            }
        }

        func read<Result>(_ body: (any CaptureReading) -> Result) -> Result {
            reading.withLockedValue { $0 = (true, $0.count + 1) }
            defer { reading.withLockedValue { $0.isOpen = false } }
            return body(self)
        }

        private func count(_ rows: Int) {
            let isOutside = reading.withLockedValue { !$0.isOpen }
            counts.withLockedValue { $0 = ($0.calls + 1, $0.rows + rows, $0.outside + (isOutside ? 1 : 0)) }
        }

        var version: UInt64 { store.version }
        var tunnel: TunnelSnapshot {
            count(0)
            return store.tunnel
        }

        func totals() -> CaptureTotals {
            count(0)
            return store.totals()
        }

        func clearable() -> Int {
            count(0)
            return store.clearable()
        }

        func mark(_ number: UInt64, _ isMarked: Bool) -> Bool { store.mark(number, isMarked) }
        func clearUnmarked() -> Int { store.clearUnmarked() }

        func page(_ query: CaptureQuery, from: Int, count: Int) -> CapturePage {
            self.count(count)
            return store.page(query, from: from, count: count)
        }

        func position(of number: UInt64, _ query: CaptureQuery) -> (place: Int, isThere: Bool) {
            count(0)
            return store.position(of: number, query)
        }

        func rows(_ query: CaptureQuery, overlapping span: ClosedRange<NIODeadline>, limit: Int) -> [CaptureRow] {
            count(limit)
            return store.rows(query, overlapping: span, limit: limit)
        }

        func replays(of number: UInt64) -> [UInt64] {
            count(1)
            return store.replays(of: number)
        }

        func detail(_ number: UInt64) -> CapturedExchange? {
            count(1)
            return store.detail(number)
        }

        func conversations(from: Int, count: Int) -> (rows: [ConversationRow], total: Int) {
            self.count(count)
            return store.conversations(from: from, count: count)
        }
    }

    private func model(of dashboard: DashboardFixture, _ source: CountingSource) -> DashboardModel {
        DashboardModel(
            source: source,
            log: dashboard.log,
            facts: dashboard.facts,
            now: dashboard.model.now,
            documents: dashboard.documents
        )
    }

    @Test(arguments: ["", "jjj", "G", "<pgdn><pgdn><pgup>", "/5<enter>G", "<enter>jjj", "2G", "<space>G", "jr"])
    func aKeyReadsNoMoreThanAScreenOfRows(script: String) throws {
        var dashboard = DashboardFixture()
        dashboard.play { traffic in for number in 1...5000 { traffic.exchange("/\(number)") } }
        let source = CountingSource(dashboard.store)
        let model = model(of: dashboard, source)
        var state = DashboardState(size: ScreenSize(width: 80, height: 24))
        _ = DashboardPicture(&state, model)
        for key in try KeyScript.keys(script) {
            let isFreezing = key == .character(" ")
            _ = source.takeCounts()
            _ = DashboardUpdate.update(&state, .key(key), model)
            _ = DashboardPicture(&state, model)
            let asked = source.takeCounts()
            // A binary search reads some extra rows. A freeze reads the conversations to keep them.
            #expect(asked.rows <= 24 + (isFreezing ? FrozenPicture.limit : 20), "\(key)")
            #expect(asked.calls <= 30, "\(key)")
        }
    }

    /// Counts and rows of a picture always agree, because they come from one snapshot of the store.
    @Test(arguments: ["", "<enter>", "2", "3", "<space>", "/5<enter>", "jr"])
    func aPictureComesFromOneSnapshot(script: String) throws {
        var dashboard = DashboardFixture()
        dashboard.play { traffic in for number in 1...50 { traffic.exchange("/\(number)") } }
        let source = CountingSource(dashboard.store)
        let model = model(of: dashboard, source)
        var state = DashboardState(size: ScreenSize(width: 80, height: 24))
        for key in try KeyScript.keys(script) { _ = DashboardUpdate.update(&state, .key(key), model) }
        _ = source.takeCounts()
        let before = source.snapshots
        _ = DashboardPicture(&state, model)
        #expect(source.snapshots == before + 1)
        #expect(source.takeCounts().outside == 0)
    }
}
