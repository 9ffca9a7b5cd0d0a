import NIOCore
import TPoTCapture
import TPoTTraffic
import TPoTWire

/// The list of conversations, the newest on top.
///
///     ▸  17   203.0.113.9:52110      12 m 31 s  open             3  GET /events                    1.2 K   44.1 K
enum ConversationTableView {
    private struct Column {
        var start: Int
        var width: Int
    }

    private struct Columns {
        private(set) var id = Column(start: 2, width: 5)
        private(set) var remote: Column?
        private(set) var age: Column?
        private(set) var state = Column(start: 0, width: 0)
        private(set) var requests: Column?
        private(set) var last = Column(start: 0, width: 0)
        private(set) var bytesIn: Column?
        private(set) var bytesOut: Column?

        /// What is left out, in this order, until the last request has room: the longer words for the state, the bytes,
        /// the remote address, the number of requests, the age.
        private enum Step: Int, CaseIterable {
            case nothing, longState, bytesOut, bytesIn, remote, requests, age
        }

        private static let smallestLast = 20

        init(width: Int) {
            for step in Step.allCases {
                arrange(width: width, without: step)
                if last.width >= Self.smallestLast { break }
            }
        }

        private mutating func arrange(width: Int, without step: Step) {
            func keeps(_ other: Step) -> Bool { step.rawValue < other.rawValue }
            var column = 9
            func take(_ width: Int) -> Column {
                defer { column += width + 2 }
                return Column(start: column, width: width)
            }
            remote = keeps(.remote) ? take(21) : nil
            age = keeps(.age) ? take(10) : nil
            state = take(keeps(.longState) ? 22 : 14)
            requests = keeps(.requests) ? take(8) : nil
            var end = width - 1
            func takeRight(_ width: Int) -> Column {
                defer { end -= width + 2 }
                return Column(start: end - width, width: width)
            }
            bytesOut = keeps(.bytesOut) ? takeRight(7) : nil
            bytesIn = keeps(.bytesIn) ? takeRight(7) : nil
            last = Column(start: column, width: max(0, end - column))
        }
    }

    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        let columns = Columns(width: screen.width)
        if let row = picture.layout.columnTitles { drawTitles(columns, row: row, on: &screen) }
        let list = picture.layout.list
        guard !list.isEmpty else { return }
        guard !picture.conversations.rows.isEmpty else {
            let row = list.lowerBound + min(1, list.count - 1)
            screen.put(
                "no conversation yet: one begins when a visitor connects to the URL",
                row: row,
                column: 4,
                role: .dim
            )
            return
        }
        for (line, conversation) in picture.conversations.rows.prefix(list.count).enumerated() {
            let row = list.lowerBound + line
            draw(conversation, columns, picture.now.monotonic, row: row, on: &screen)
            guard line == picture.conversations.line else { continue }
            screen.put("▸", row: row, column: 0, role: .marker)
            screen.select(row: row)
        }
    }

    private static func drawTitles(_ columns: Columns, row: Int, on screen: inout Screen) {
        func put(_ text: String, _ column: Column?, _ align: Screen.Alignment = .left) {
            guard let column else { return }
            screen.put(text, row: row, column: column.start, width: column.width, role: .columnTitle, align: align)
        }
        put("ID", columns.id, .right)
        put("Remote", columns.remote)
        put("Age", columns.age, .right)
        put("State", columns.state)
        put("Requests", columns.requests, .right)
        put("Last request", columns.last)
        put("In", columns.bytesIn, .right)
        put("Out", columns.bytesOut, .right)
    }

    private static func draw(
        _ row: ConversationRow,
        _ columns: Columns,
        _ now: NIODeadline,
        row line: Int,
        on screen: inout Screen
    ) {
        let role: StyleRole = row.isOpen ? .plain : .dim
        func put(
            _ text: String,
            _ column: Column?,
            _ role: StyleRole,
            _ align: Screen.Alignment = .left
        ) {
            guard let column else { return }
            screen.put(
                text,
                row: line,
                column: column.start,
                width: column.width,
                role: role,
                align: align,
                overflow: .ellipsis
            )
        }
        put(row.id.map { "\($0)" } ?? "–", columns.id, role, .right)
        if case .replay(let original, _) = row.origin {
            put("↻ \(original)", columns.remote, row.isOpen ? .replay : .dim)
        } else {
            put(row.remote?.description ?? "", columns.remote, role)
        }
        put(Formats.duration(row.age(at: now).wholeSeconds), columns.age, role, .right)
        let (state, stateRole) = state(row)
        put(state, columns.state, stateRole)
        put(Formats.grouped(row.requests), columns.requests, role, .right)
        let method = VisibleText.text(row.lastMethod, limit: 20)
        let target = VisibleText.text(row.lastTarget, limit: 400)
        put(method.isEmpty ? target : "\(method) \(target)", columns.last, role)
        put(Formats.bytes(row.bytesIn), columns.bytesIn, role, .right)
        put(Formats.bytes(row.bytesOut), columns.bytesOut, role, .right)
    }

    private static func state(_ row: ConversationRow) -> (String, StyleRole) {
        switch row.state {
        case .waitsForHold: return ("held", .held)
        case .connecting: return ("connecting", .waiting)
        case .closed(let end): return (StatusStyle.sentence(for: end), end.isWell ? .dim : .failure)
        case .open:
            switch (row.isPausedByVisitor, row.isPausedByTarget) {
            case (true, true): return ("open, both paused", .waiting)
            case (true, false): return ("open, visitor paused", .waiting)
            case (false, true): return ("open, target paused", .waiting)
            case (false, false): return ("open", .streaming)
            }
        }
    }
}

extension ConversationEnd? {
    /// Nothing was lost, as far as is known.
    fileprivate var isWell: Bool {
        switch self {
        case .visitorClosed, .targetClosed(complete: true), .closedByUser, nil: true
        default: false
        }
    }
}

extension TimeAmount {
    /// Whole seconds from one second on: an age needs no more precision.
    fileprivate var wholeSeconds: TimeAmount {
        nanoseconds < 1_000_000_000 ? self : .seconds(nanoseconds / 1_000_000_000)
    }
}
