import TPoTCapture

/// Which exchanges of a history are asked for.
package struct HistoryQuery: Sendable {
    package var filter: CaptureFilter
    /// Only those of tunnels with this name, public URL or target.
    package var tunnel: String?
    /// Only those that arrived at or after this time, in nanoseconds since 1970.
    package var since: Int64?
    /// Only those with a smaller number.
    package var before: UInt64?
    /// Only those with a larger number.
    package var after: UInt64?
    /// Only those of these runs: see ``HistoryWriter/runs``.
    package var runs: [Int64]?
    /// The oldest come first, not the newest.
    package var isOldestFirst = false

    package init(
        _ filter: CaptureFilter = .all,
        tunnel: String? = nil,
        since: Int64? = nil,
        before: UInt64? = nil,
        after: UInt64? = nil
    ) {
        self.filter = filter
        self.tunnel = tunnel
        self.since = since
        self.before = before
        self.after = after
    }
}

/// A condition in SQL that a filter's matches fulfil. Others may, too: the filter itself decides.
struct HistoryCondition {
    private(set) var parts: [String] = []
    private(set) var values: [Value] = []

    enum Value {
        case integer(Int64)
        case text([UInt8])
    }

    /// There is an index by which rows are found.
    private(set) var hasIndex = false
    private let searchesAll: Bool

    /// - Parameter searchesAll: the whole table is searched, not only its end.
    init(_ query: HistoryQuery, searchesAll: Bool) {
        self.searchesAll = searchesAll
        // Others are there only in a damaged file.
        parts.append("exchanges.number > 0")
        // A number that SQLite cannot hold is larger than all of them.
        if let before = query.before, let number = Int64(exactly: before) {
            add("exchanges.number < ?", .integer(number))
        }
        if let after = query.after { add("exchanges.number > ?", .integer(Int64(clamping: after))) }
        if let since = query.since { add("exchanges.arrived >= ?", .integer(since)) }
        if let runs = query.runs {
            parts.append("exchanges.run IN (\(runs.map(String.init).joined(separator: ",")))")
        }
        if let tunnel = query.tunnel {
            let name = Value.text(Array(tunnel.utf8))
            parts.append("exchanges.run IN (SELECT id FROM runs WHERE name = ? OR url = ? OR target = ?)")
            values += [name, name, name]
        }
        for term in query.filter.terms where !term.isNegated { add(term.test) }
    }

    /// After `WHERE`.
    var text: String { parts.isEmpty ? "TRUE" : parts.joined(separator: " AND ") }

    func bind(to statement: Statement) throws(HistoryError) {
        for (place, value) in zip(Int32(1)..., values) {
            switch value {
            case .integer(let value): try statement.bind(place, value)
            case .text(let text): try statement.bind(place, text: text)
            }
        }
    }

    private mutating func add(_ part: String, _ value: Value) {
        parts.append(part)
        values.append(value)
    }

    /// In a search of the whole table, goes through the values of a column in its index, which is much smaller.
    private mutating func add(values column: String, containing part: [UInt8]) {
        guard searchesAll else { return add("instr(lower(exchanges.\(column)), ?)", .text(part)) }
        hasIndex = true
        let values = "SELECT DISTINCT \(column) FROM exchanges WHERE instr(lower(\(column)), ?)"
        add("exchanges.\(column) IN (\(values))", .text(part))
    }

    private mutating func add(_ test: FilterTerm.Test) {
        switch test {
        case .method(let method): add("lower(exchanges.method) = ?", .text(method))
        // `lower` of SQLite changes ASCII letters only, as our filters do.
        case .path(let part): add(values: "target", containing: part)
        case .from(let part): add("instr(lower(exchanges.sender), ?)", .text(part))
        case .event(let part): add(values: "event", containing: part)
        case .state(.marked): parts.append("exchanges.isMarked")
        case .state(.replay): parts.append("exchanges.replayOf IS NOT NULL")
        case .state(.left): parts.append("exchanges.outcome IN ('visitor-left', 'visitor-left-unsure')")
        case .state(.failed):
            parts.append("(exchanges.status >= 400 OR exchanges.outcome NOT IN ('finished', 'unknown'))")
        case .state(.held): parts.append("FALSE")
        case .state(.signed): parts.append("exchanges.signed = 'valid'")
        case .state(.unsigned): parts.append("exchanges.signed IS NOT NULL")
        case .took(let test):
            parts.append("exchanges.took BETWEEN \(test.range.lowerBound) AND \(test.range.upperBound)")
        case .size(let test):
            // As large as they are read at most: see `Statement.count`.
            let bytes = "min(exchanges.bytesIn, \(1 << 60)) + min(exchanges.bytesOut, \(1 << 60))"
            parts.append(
                "\(bytes) BETWEEN \(test.range.lowerBound) AND \(test.range.upperBound)"
            )
        case .status(.codes(let codes)):
            hasIndex = searchesAll
            // Where the target could not be reached, the visitor got a 503 of the server's.
            let orNone = codes.contains(503) ? " OR exchanges.status IS NULL" : ""
            parts.append("(exchanges.status BETWEEN \(codes.lowerBound) AND \(codes.upperBound)\(orNone))")
        case .status(.none):
            hasIndex = searchesAll
            parts.append("exchanges.status IS NULL")
        case .status(.waiting): parts.append("FALSE")
        case .word, .remote, .type, .header, .body: break
        }
    }
}
