/// The exchanges of a conversation that are under way, oldest first.
///
/// Not a `Deque`: that takes an element out and puts it back for each change in place, and an exchange is large.
struct ExchangeQueue: RandomAccessCollection, Sendable {
    private var places: [Exchange] = []
    /// Places at the beginning whose exchanges are gone: closed up when they are as many as the rest.
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
        // The oldest of many stays where it is for now: to close up each time would move all others.
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
