/// Which list is asked for: what is in it, and in which order.
package struct CaptureQuery: Hashable, Sendable {
    package var filter: CaptureFilter
    /// The newest exchange to include. This gives the list as it was when that exchange was the newest.
    package var last: UInt64
    package var order: CaptureOrder
    /// The batches of replays that are shown one by one.
    package var expanded: Set<UInt64>

    package init(
        _ filter: CaptureFilter = .all,
        upTo last: UInt64 = .max,
        order: CaptureOrder = .newestFirst,
        expanded: Set<UInt64> = []
    ) {
        self.filter = filter
        self.last = last
        self.order = order
        self.expanded = expanded
    }
}

/// The order of the list. Replays stay under their originals in every order.
package struct CaptureOrder: Hashable, Sendable {
    package enum Key: Hashable, Sendable, CaseIterable {
        /// The order in which the requests came.
        case arrival
        /// How long they took; those under way come last.
        case took
        /// Bytes of request and response together.
        case size
        /// Of the answer; without one they come last.
        case status
        /// Sender and event, by the alphabet; unknown ones come last.
        case event
    }

    package var key: Key
    /// The largest, newest or last in the alphabet on top.
    package var isDescending: Bool

    package init(_ key: Key, isDescending: Bool = true) {
        self.key = key
        self.isDescending = isDescending
    }

    package static let newestFirst = CaptureOrder(.arrival)
}
