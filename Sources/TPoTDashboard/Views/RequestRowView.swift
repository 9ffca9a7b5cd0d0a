import NIOCore
import TPoTCapture
import TPoTWire

/// One row of the request table.
struct RequestRowView {
    private let row: CaptureRow
    private let columns: RequestColumns
    private let facts: DashboardFacts
    private let isChosen: Bool
    private let now: NIODeadline

    init(_ row: CaptureRow, _ columns: RequestColumns, _ picture: DashboardPicture) {
        self.row = row
        self.columns = columns
        facts = picture.facts
        isChosen = picture.state.chosen == row.number
        now = picture.now.monotonic
    }

    private var exchange: Exchange { row.exchange }

    func draw(row line: Int, isSelected: Bool, on screen: inout Screen) {
        func put(
            _ text: String,
            _ column: RequestColumns.Column?,
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
        let isOver = exchange.state.isOver
        put("\(row.number)", columns.number, .plain, .right)
        let time = facts.timeOfDay(row.unixNanoseconds, withMilliseconds: columns.hasMilliseconds)
        put(time, columns.time, .dim)
        drawRemote(line, on: &screen)
        put(VisibleText.text(exchange.method, limit: 20), columns.method, .method)
        drawPath(line, on: &screen)
        let status = StatusCell(exchange)
        put(status.text, columns.status, status.role)
        let (took, tookRole) = took
        put(took, columns.took, tookRole, .right)
        put(Formats.bytes(exchange.bytesIn), columns.bytesIn, isOver ? .plain : .streaming, .right)
        put(Formats.bytes(exchange.bytesOut), columns.bytesOut, isOver ? .plain : .streaming, .right)
        if isChosen {
            screen.put("◆", row: line, column: 1, role: .accent)
        } else if row.isMarked {
            screen.put("★", row: line, column: 1, role: .marked)
        }
        if isSelected {
            screen.put("▸", row: line, column: 0, role: .marker)
            screen.select(row: line)
        }
    }

    /// `203.0.113.9:52110`, `198.51.100.7:4410 via`, `↻ 412`.
    private func drawRemote(_ line: Int, on screen: inout Screen) {
        guard let column = columns.remote else { return }
        func put(_ text: String, width: Int, _ role: StyleRole) -> Int {
            screen.put(text, row: line, column: column.start, width: width, role: role, overflow: .ellipsis)
        }
        if let original = exchange.replayOf {
            _ = put("↻ \(original)", width: column.width, .replay)
        } else if let via = exchange.via {
            let address = columns.hasPort ? via : Self.withoutPort(via)
            let used = put(VisibleText.text(address, limit: 64), width: column.width - 4, .plain)
            screen.put(" via", row: line, column: column.start + used, role: .dim)
        } else if let remote = exchange.remote {
            _ = put(columns.hasPort ? remote.description : remote.host, width: column.width, .plain)
        } else {
            _ = put("not seen", width: column.width, .dim)
        }
    }

    /// The host of `198.51.100.7:4410` or `[2001:db8::1]:4410`. An IPv6 address without a port has several colons.
    private static func withoutPort(_ address: String) -> String {
        if address.hasPrefix("["), let end = address.firstIndex(of: "]") {
            return String(address[address.index(after: address.startIndex)..<end])
        }
        let parts = address.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? String(parts[0]) : address
    }

    private func drawPath(_ line: Int, on screen: inout Screen) {
        var text = VisibleText.text(exchange.target, limit: 400)
        if exchange.method.isEmpty { text = exchange.isOpaque ? "not HTTP" : "no request seen" }
        // Without the remote column, the path has to mark a replay.
        if columns.remote == nil, exchange.replayOf != nil { text = "↻ " + text }
        let role: StyleRole = exchange.method.isEmpty ? .dim : .plain
        screen.put(
            text,
            row: line,
            column: columns.path.start,
            width: columns.path.width,
            role: role,
            overflow: .ellipsis
        )
    }

    /// The time taken, or what the exchange is waiting for.
    private var took: (String, StyleRole) {
        let times = exchange.times
        switch exchange.state {
        case .waitsForHold where exchange.seemsGivenUp: return (left("left? "), .failure)
        case .waitsForHold: return ("held \(Self.wait(times.held(at: now)))", .held)
        case .connecting: return ("connecting", .waiting)
        case .waitingForAnswer: return (Formats.duration(times.taken(at: now)), .waiting)
        case .streaming: return ("⇣ streaming", .streaming)
        case .upgraded: return ("⇄ \(Self.wait(times.whole(at: now)))", .streaming)
        case .finished: return (Formats.duration(times.taken(at: now)), .plain)
        case .aborted(.visitorGone): return (left("left at "), .failure)
        case .aborted(.visitorGoneUnsure): return (left("left? "), .failure)
        case .aborted(let abort): return (StatusStyle.word(for: abort, of: exchange), .failure)
        }
    }

    private func left(_ word: String) -> String {
        exchange.times.visitorStayed.map { word + Formats.duration($0) } ?? "visitor left"
    }

    /// A duration in at most 6 columns: `3.2 s`, `12:31`, `3 h`.
    private static func wait(_ amount: TimeAmount) -> String {
        let seconds = amount.nanoseconds / 1_000_000_000
        if seconds < 60 { return Formats.duration(.milliseconds(amount.nanoseconds / 100_000_000 * 100)) }
        if seconds < 3600 { return String(Formats.upTime(amount).suffix(5)) }
        return "\(seconds / 3600) h"
    }
}
