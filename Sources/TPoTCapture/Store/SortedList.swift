import NIOCore

/// The requests of a list in another order than that of their arrival.
struct SortedList: Sendable {
    struct Request: Hashable, Sendable {
        var order: CaptureOrder
        /// The ``FilterIndex/id`` of the list; 0 for all.
        var index: UInt64
        var last: UInt64
    }

    /// By what one request is sorted.
    struct Key: Sendable {
        var number: UInt64
        /// False for what stands at the end in both directions.
        var isKnown = true
        var value: Int64 = 0
        var text = ""
    }

    let request: Request
    /// From the top.
    private(set) var numbers: [UInt64]
    /// The place of each number.
    private(set) var places: [UInt64: Int]
    /// The ``CaptureState/sortableVersion`` that was sorted.
    let version: UInt64

    init(_ request: Request, _ numbers: [UInt64], version: UInt64) {
        self.request = request
        self.numbers = numbers
        self.version = version
        places = Self.places(numbers)
    }

    mutating func remove(_ gone: Set<UInt64>) {
        numbers.removeAll { gone.contains($0) }
        places = Self.places(numbers)
    }

    private static func places(_ numbers: [UInt64]) -> [UInt64: Int] {
        Dictionary(uniqueKeysWithValues: numbers.enumerated().map { ($1, $0) })
    }

    static func key(_ row: CaptureRow, _ order: CaptureOrder) -> Key {
        var key = Key(number: row.number)
        let exchange = row.exchange
        switch order.key {
        case .arrival: key.value = Int64(clamping: row.number)
        case .size: key.value = Int64(exchange.bytesIn + exchange.bytesOut)
        case .took:
            key.isKnown = exchange.times.ended != nil
            key.value = exchange.times.ended.map { exchange.times.taken(at: $0).nanoseconds } ?? 0
        case .status:
            key.isKnown = exchange.visitorStatus != nil
            key.value = Int64(exchange.visitorStatus ?? 0)
        case .event:
            key.text = [row.delivery?.sender, row.delivery?.event].compactMap { $0 }.joined(separator: " ").lowercased()
            key.isKnown = !key.text.isEmpty
        }
        return key
    }

    static func sorted(_ keys: [Key], _ order: CaptureOrder) -> [UInt64] {
        keys.sorted { one, other in
            if one.isKnown != other.isKnown { return one.isKnown }
            if one.value != other.value { return (one.value > other.value) == order.isDescending }
            if one.text != other.text { return (one.text > other.text) == order.isDescending }
            return one.number > other.number
        }.map(\.number)
    }
}
