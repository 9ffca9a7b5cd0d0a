/// Which deliveries are kept, so that one that is sent again is recognised. Bounded by the kept exchanges,
/// and by ``limit``.
struct DeliveryTable: Sendable {
    private struct Key: Hashable {
        var sender: String?
        var id: String
    }

    private struct Count {
        var kept = 0
        var last = 0
    }

    /// The memory cost of an entry, in bytes. Its texts are those of the row.
    static let entrySize = 160

    /// With more different deliveries, the table begins anew.
    private static let limit = 100_000

    private var counts: [Key: Count] = [:]

    /// - Returns: 1, or which time this delivery came.
    mutating func add(_ delivery: Delivery) -> Int {
        guard let id = delivery.id else { return 1 }
        if counts.count >= Self.limit { counts = [:] }
        let key = Key(sender: delivery.sender, id: id)
        var count = counts[key] ?? Count()
        count.kept += 1
        count.last += 1
        counts[key] = count
        return count.last
    }

    mutating func remove(_ delivery: Delivery) {
        guard let id = delivery.id else { return }
        let key = Key(sender: delivery.sender, id: id)
        guard var count = counts[key] else { return }
        count.kept -= 1
        counts[key] = count.kept > 0 ? count : nil
    }
}
