/// The unfinished exchanges of a conversation, oldest first.
///
/// This is not a `Deque`, because a `Deque` moves an element out and back for each change in place, and exchanges are
/// large.
struct ExchangeQueue: RandomAccessCollection, Sendable {
    private var places: [Exchange] = []
    /// The number of removed exchanges at the beginning. They are compacted when they are as many as the rest.
    private var gone = 0

    let startIndex = 0
    var endIndex: Int { places.count - gone }

    subscript(index: Int) -> Exchange {
        @inline(__always)
        _read { yield places[gone + index] }
        @inline(__always)
        _modify { yield &places[gone + index] }
    }

    mutating func append(_ exchange: Exchange) {
        places.append(exchange)
    }

    mutating func remove(at index: Int) -> Exchange {
        // Removing the oldest only counts it as gone: compacting each time would move all others.
        guard index == 0, count > 1 else {
            let exchange = places.remove(at: gone + index)
            closeUp()
            return exchange
        }
        gone += 1
        defer { closeUp() }
        return places[gone - 1]
    }

    private mutating func closeUp() {
        guard gone > 0, gone >= count else { return }
        places.removeFirst(gone)
        gone = 0
    }
}
