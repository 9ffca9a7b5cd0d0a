import TPoTWire
import Testing

@testable import TPoTTunnel

@Suite struct ConversationIDsTests {
    private func take(_ count: Int, from ids: inout ConversationIDs) -> [ConversationID] {
        (0..<count).compactMap { _ in ids.take() }
    }

    @Test func countsUpAndReusesTheLeastRecentlyEnded() {
        var ids = ConversationIDs()
        #expect(take(3, from: &ids) == [1, 2, 3])
        ids.end(2)
        ids.end(1)
        // No id is reused while there are ids that were never used.
        #expect(take(32_764, from: &ids) == Array(4...32_767))
        ids.end(30)
        #expect(take(3, from: &ids) == [2, 1, 30])
    }

    @Test func usesHighIDsOnlyWhileAllOthersAreOpen() {
        var ids = ConversationIDs()
        #expect(take(32_767, from: &ids).last == 32_767)
        #expect(take(2, from: &ids) == [32_768, 32_769])
        ids.end(32_768)
        ids.end(5)
        #expect(take(2, from: &ids) == [5, 32_770])
    }

    @Test func endsWhenAllAreOpen() {
        var ids = ConversationIDs()
        let all = take(70_000, from: &ids)
        #expect(all == Array(1...65_535))
        #expect(ids.take() == nil)
        ids.end(65_535)
        ids.end(40_000)
        #expect(take(3, from: &ids) == [65_535, 40_000])
    }

    @Test func goesRoundForEver() {
        var ids = ConversationIDs()
        var lastSeen: [ConversationID: Int] = [:]
        for turn in 0..<200_000 {
            guard let id = ids.take() else { break }
            #expect(id <= 32_767)
            if let last = lastSeen[id] { #expect(turn - last == 32_767) }
            lastSeen[id] = turn
            ids.end(id)
        }
        #expect(lastSeen.count == 32_767)
    }
}
