import NIOCore
import TPoTCapture
import TPoTTraffic
import TestSupport
import Testing

/// After random events in any order, a store stays within its memory limit, and its answers agree with one another.
@Suite struct CapturePropertyTests {
    @Test(arguments: 0..<6)
    func answersAgreeAndMemoryIsBounded(_ run: Int) {
        let seed = testSeed("store")
        var random = SeededRandom(seed: seed)
        let memory = 64 * 1024
        let store = testStore(bodyBytes: 500, memoryBytes: memory)
        let filters = ["", "a", "status:2xx", "-status:200", "body:e", "remote:0.0", "method:GET", "path:/"]
        for step in 0..<1500 {
            let events = (0..<random.next(upTo: 20)).map { _ in
                TrafficEvent(
                    time: Transcript.deadline(1000 + step),
                    conversation: random.next(upTo: 8),
                    kind: random.eventKind()
                )
            }
            store.consume(events, lost: random.next(upTo: 40) == 0 ? 3 : 0)
            let totals = store.totals()
            switch random.next(upTo: 30) {
            // Few exchanges are marked, because marked ones may exceed the limit.
            case 0 where totals.marked < 5: store.mark(random.next(upTo: 10_000))
            case 1:
                for number in store.list(count: 10_000) where random.next(upTo: 2) == 0 { store.mark(number, false) }
            case 2: store.clearUnmarked()
            default: break
            }
            #expect(totals.keptBytes <= memory + totals.marked * 2000, "seed \(seed) step \(step)")
            let filter = CaptureFilter(filters[Int(random.next(upTo: UInt64(filters.count)))])
            check(store, filter, &random, "seed \(seed) step \(step)")
        }
        for number in store.list(count: 10_000) { store.mark(number, false) }
        store.consume([TrafficEvent(time: .now(), conversation: 0, kind: .tunnel(.stopped(reason: "over")))])
        for number in 0..<8 {
            store.consume([TrafficEvent(time: .now(), conversation: UInt64(number), kind: .closed(.tunnelLost))])
        }
        store.clearUnmarked()
        #expect(store.totals().keptBytes == 0 && store.totals().kept == 0 && store.totals().open == 0, "seed \(seed)")
    }

    private func check(
        _ store: CaptureStore,
        _ filter: CaptureFilter,
        _ random: inout SeededRandom,
        _ place: Comment
    ) {
        let all = store.searched(CaptureQuery(filter), count: 10_000)
        let numbers = all.lines.map(\.number)
        #expect(Set(numbers).count == numbers.count && all.lineCount == numbers.count, place)
        // Requests from the newest on; under each its replays, from the oldest on.
        let roots = all.lines.compactMap { if case .exchange(let row) = $0 { row.number } else { nil } }
        #expect(roots == roots.sorted(by: >), place)
        var before: UInt64?
        for line in all.lines {
            if case .replay(let row, _) = line { #expect(before.map { $0 < row.number } ?? false, place) }
            before = line.number
        }
        #expect(Set(store.numbers(matching: filter)).isSubset(of: numbers) && !all.isSearching, place)
        #expect(all.matching <= numbers.count && all.matching <= all.kept, place)
        let from = Int(random.next(upTo: UInt64(numbers.count) + 2))
        let page = store.page(CaptureQuery(filter), from: from, count: 5)
        #expect(page.lines.map(\.number) == Array(numbers.dropFirst(page.from).prefix(5)), place)
        let last = random.next(upTo: all.newest + 2)
        let older = store.page(CaptureQuery(filter, upTo: last), count: 10_000).lines.map(\.number)
        #expect(older == numbers.filter { $0 <= last }, place)
        if let number = numbers.randomElement(using: &random) {
            let position = store.position(of: number, CaptureQuery(filter))
            #expect(position.isThere && numbers[position.place] == number, place)
            #expect(store.detail(number)?.number == number, place)
        }
    }
}
