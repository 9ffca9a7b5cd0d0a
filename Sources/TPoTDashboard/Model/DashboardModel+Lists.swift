import TPoTCapture
import TPoTTraffic

extension DashboardModel {
    /// The number of the newest exchange of all.
    /// - Parameter filter: that of the list: the store works with one at a time.
    func newest(_ filter: CaptureFilter) -> UInt64 {
        source.page(filter, upTo: .max, from: 0, count: 0).newest
    }

    func conversations(_ freeze: FrozenPicture?, from: Int, count: Int) -> (rows: [ConversationRow], total: Int) {
        guard let freeze else { return source.conversations(from: from, count: count) }
        let all = freeze.conversations.rows
        return (Array(all.dropFirst(max(0, from)).prefix(max(0, count))), all.count)
    }

    /// The place of a conversation in its list, or of the next older one: found by halving, since they are in order.
    func place(ofConversation number: ConversationNumber, _ freeze: FrozenPicture?) -> Int {
        var low = 0
        var high = conversations(freeze, from: 0, count: 0).total
        while low < high {
            let middle = (low + high) / 2
            guard let row = conversations(freeze, from: middle, count: 1).rows.first else { return low }
            if row.number > number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func logRange(_ freeze: FrozenPicture?) -> Range<Int> {
        let range = log.range
        guard let freeze else { return range }
        return range.clamped(to: range.lowerBound..<max(range.lowerBound, freeze.logEnd))
    }
}
