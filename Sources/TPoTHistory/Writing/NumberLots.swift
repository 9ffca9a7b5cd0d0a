/// Numbers that were reserved in the history, in lots, and how far they are used up.
///
/// Whoever takes a number holds the lock of a store, so taking one never waits for the disk. The next lot is reserved when
/// half of the last one is used up. If the history was locked for so long that all are, the numbers count on without a
/// reservation. The next lot then begins where the last one ended, which makes those numbers valid, except the ones that
/// another process has reserved in the meantime. No exchange is written under such a number.
struct NumberLots: Sendable {
    /// The most ranges of numbers of other processes that are remembered.
    private static let mostTaken = 1_000

    /// How a number that was handed out stands.
    enum Standing: Hashable, Sendable {
        case reserved
        /// It is not known yet whether another process gets it.
        case open
        /// Another process has it, too.
        case taken
    }

    /// The number that comes next.
    private(set) var next: UInt64
    /// The lots that are not used up, in ascending order.
    private var lots: [Range<UInt64>]
    /// The end of the last lot.
    private var end: UInt64
    /// Numbers that were handed out without a reservation and belong to other processes, in ascending order.
    private var taken: [Range<UInt64>] = []

    /// The first lot is as large as needed, so another one is reserved only if it was not.
    private let isEnough: Bool

    init(_ lot: Range<UInt64>, isEnough: Bool = false) {
        self.isEnough = isEnough
        next = lot.lowerBound
        end = lot.upperBound
        lots = [lot]
    }

    /// It is time to reserve another lot.
    var isLow: Bool {
        guard !isEnough else { return next > end }
        guard let last = lots.last else { return true }
        return lots.count == 1 && next >= last.lowerBound + UInt64(last.count / 2)
    }

    /// Too many numbers are also those of other processes, which only happens if reserving fails all the time.
    var isHopeless: Bool { taken.count > Self.mostTaken }

    mutating func take() -> UInt64 {
        if let lot = lots.first {
            next = max(next, lot.lowerBound)
            if next + 1 >= lot.upperBound { lots.removeFirst() }
        }
        defer { next += 1 }
        return next
    }

    /// Adds a lot, which begins at the end of the last one or behind it.
    mutating func add(_ lot: Range<UInt64>) {
        if next > end, lot.lowerBound > end { taken.append(end..<min(next, lot.lowerBound)) }
        end = lot.upperBound
        if next < end { lots.append(lot) }
    }

    func standing(of number: UInt64) -> Standing {
        guard number < end else { return .open }
        return taken.contains { $0.contains(number) } ? .taken : .reserved
    }
}
