import TPoTCapture

/// The picture at the moment it was frozen. Traffic continues meanwhile.
package struct FrozenPicture: Sendable {
    /// The most rows that are remembered. Rows beyond it show their current state.
    static let limit = 4096
    private static let detailLimit = 16

    /// The number of the newest exchange in the picture.
    package var newest: UInt64
    /// The exchanges that had begun.
    var begun: Int
    var now: TrafficClock.Reading
    var totals: CaptureTotals
    var conversations: (rows: [ConversationRow], total: Int)
    var logEnd: Int
    /// Rows as they were when first shown.
    private var rows: [UInt64: CaptureRow] = [:]
    /// Unfinished exchanges as they were when their details were first shown.
    private(set) var details: [UInt64: CapturedExchange] = [:]

    init(_ model: DashboardModel, _ query: CaptureQuery) {
        let page = model.source.page(query, from: 0, count: 0)
        newest = page.newest
        begun = page.begun
        now = model.now
        totals = model.source.totals()
        conversations = model.source.conversations(from: 0, count: Self.limit)
        logEnd = model.log.range.upperBound
    }

    /// Remembers rows that are new to this picture and returns all lines as the picture shows them.
    mutating func remember(_ lines: [CaptureLine]) -> [CaptureLine] {
        lines.map { line in
            switch line {
            case .exchange(let row): .exchange(remember(row))
            case .replay(let row, let isLast): .replay(remember(row), isLast: isLast)
            case .replays, .earlier: line
            }
        }
    }

    private mutating func remember(_ row: CaptureRow) -> CaptureRow {
        if let remembered = rows[row.number] {
            var remembered = remembered
            remembered.isMarked = row.isMarked
            return remembered
        }
        if rows.count < Self.limit { rows[row.number] = row }
        return row
    }

    mutating func remember(_ content: CapturedExchange) {
        guard !content.exchange.state.isOver, details[content.number] == nil, details.count < Self.detailLimit else {
            return
        }
        details[content.number] = content
    }
}
