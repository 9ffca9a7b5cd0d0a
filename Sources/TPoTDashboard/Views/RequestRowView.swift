import NIOCore
import TPoTCapture
import TPoTWire

/// One line of the request table: a request, a replay under it, or several replays.
struct RequestRowView {
    private let content: CaptureLine
    private let columns: RequestColumns
    private let facts: DashboardFacts
    private let isChosen: Bool
    private let now: NIODeadline

    init(
        _ content: CaptureLine,
        _ columns: RequestColumns,
        _ facts: DashboardFacts,
        isChosen: Bool,
        at now: NIODeadline
    ) {
        self.content = content
        self.columns = columns
        self.facts = facts
        self.isChosen = isChosen
        self.now = now
    }

    func draw(row line: Int, isSelected: Bool, on screen: inout Screen) {
        switch content {
        case .exchange(let row):
            put("\(row.number)", columns.number, .plain, .right, line, &screen)
            let time = facts.timeOfDay(row.unixNanoseconds, withMilliseconds: columns.hasMilliseconds)
            put(time, columns.time, .dim, .left, line, &screen)
            drawRemote(row.exchange, line, &screen)
            drawEvent(row, line, &screen)
            drawOutcome(row, line, &screen)
        case .replay(let row, let isLast):
            let start = drawBranch("\(row.number)", isLast, line, &screen)
            put("replay", rest(of: columns.remote, from: start), .replay, .left, line, &screen)
            drawEdit(row, from: start, line, &screen)
            drawOutcome(row, line, &screen)
        case .replays(let group, let isLast):
            let numbers = group.first == group.last ? "\(group.first)" : "\(group.first)–\(group.last)"
            let start = drawBranch(numbers, isLast, line, &screen)
            put("replay", rest(of: columns.remote, from: start), .replay, .left, line, &screen)
            ReplayGroupView(group, columns).draw(row: line, from: start, on: &screen)
        case .earlier(let earlier):
            EarlierLineView.draw(earlier, facts, row: line, on: &screen)
            return
        }
        if isChosen {
            screen.put("◆", row: line, column: 1, role: .accent)
        } else if content.row?.isMarked == true {
            screen.put("★", row: line, column: 1, role: .marked)
        }
        if isSelected {
            screen.put("▸", row: line, column: 0, role: .marker)
            screen.select(row: line)
        }
    }

    private func put(
        _ text: String,
        _ column: RequestColumns.Column?,
        _ role: StyleRole,
        _ align: Screen.Alignment,
        _ line: Int,
        _ screen: inout Screen
    ) {
        guard let column else { return }
        let (start, width) = (column.start, column.width)
        screen.put(text, row: line, column: start, width: width, role: role, align: align, overflow: .ellipsis)
    }

    // MARK: Who and what

    /// `├↻ 415`, at the left of all other columns.
    /// - Returns: the first column that is free.
    private func drawBranch(_ numbers: String, _ isLast: Bool, _ line: Int, _ screen: inout Screen) -> Int {
        let branch = screen.put(isLast ? "└" : "├", row: line, column: columns.number.start, role: .rule)
        let start = columns.number.start + branch
        return start + screen.put("↻ \(numbers)", row: line, column: start, role: .replay) + 2
    }

    /// `203.0.113.9:52110`, `198.51.100.7:4410 via`, `↻ 412`.
    private func drawRemote(_ exchange: Exchange, _ line: Int, _ screen: inout Screen) {
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

    private func drawEvent(_ row: CaptureRow, _ line: Int, _ screen: inout Screen) {
        let event = EventText(row)
        let showsRequest = columns.isMerged && !event.isKnown
        drawRequest(row.exchange, showsRequest ? columns.event : columns.request, line, &screen)
        guard var column = columns.event, !showsRequest else { return }
        var text = event.text
        // Without the remote column, a replay whose original is not above it is marked here.
        if columns.remote == nil, let original = row.exchange.replayOf { text = "↻ \(original) \(text)" }
        // What stands behind the text is never cut.
        var suffixes: [StyledLine.Span] = event.repetition.isEmpty ? [] : [.init(event.repetition, .accent)]
        func width() -> Int { suffixes.reduce(0) { $0 + DisplayWidth.columns($1.text) + 1 } }
        if let signature = SignatureWords(row) {
            let room = column.width - DisplayWidth.columns(text) - width() - 1
            suffixes.append(.init(signature.fitted(room), signature.role))
        }
        column.width = max(0, column.width - width())
        var start = column.start
        start += screen.put(text, row: line, column: start, width: column.width, role: event.role, overflow: .ellipsis)
        for suffix in suffixes {
            if start > column.start { start += 1 }
            start += screen.put(suffix.text, row: line, column: start, role: suffix.role)
        }
    }

    private func drawRequest(
        _ exchange: Exchange,
        _ column: RequestColumns.Column?,
        _ line: Int,
        _ screen: inout Screen
    ) {
        guard let column else { return }
        guard !exchange.method.isEmpty else {
            return put(exchange.isOpaque ? "not HTTP" : "no request seen", column, .dim, .left, line, &screen)
        }
        var start = column.start
        if columns.hasMethod {
            let method = VisibleText.text(exchange.method, limit: 20)
            start +=
                screen.put(method, row: line, column: start, width: column.width, role: .method, overflow: .ellipsis)
                + 1
        }
        let target = VisibleText.text(exchange.target, limit: 400)
        put(target, .init(start: start, width: column.end - start), .plain, .left, line, &screen)
    }

    /// What a replay changed. Its request is that of the row above, so the rest of the line is free for the verdict.
    private func drawEdit(_ row: CaptureRow, from start: Int, _ line: Int, _ screen: inout Screen) {
        let verdict = columns.remark == nil ? row.replay?.verdict : nil
        let edit = EditText(row)
        if let verdict {
            let column = rest(of: columns.request ?? columns.event, from: start)
            put(verdict.text, column, verdict.role, .left, line, &screen)
            if columns.request == nil || columns.event == nil { return }
        }
        var column = rest(of: columns.event ?? columns.request, from: start)
        if verdict == nil, let left = column, let request = columns.request {
            column = .init(start: left.start, width: request.end - left.start)
        }
        put(edit.text, column, edit.role, .left, line, &screen)
        guard let column, let signature = SignatureWords(row), row.signature?.isValid != true else { return }
        let used = DisplayWidth.columns(edit.text) + 2
        let text = signature.fitted(column.width - used)
        guard used + DisplayWidth.columns(text) <= column.width else { return }
        screen.put(text, row: line, column: column.start + used, role: signature.role)
    }

    /// What the branch of a replay leaves of a column.
    private func rest(of column: RequestColumns.Column?, from start: Int) -> RequestColumns.Column? {
        column.map { .init(start: max($0.start, start), width: $0.end - max($0.start, start)) }
    }

    // MARK: How it went

    private func drawOutcome(_ row: CaptureRow, _ line: Int, _ screen: inout Screen) {
        let exchange = row.exchange
        let status = StatusCell(exchange)
        put(status.text, columns.status, status.role, .left, line, &screen)
        let role: StyleRole = exchange.state.isOver ? .plain : .streaming
        put(Formats.bytes(exchange.bytesIn), columns.bytesIn, role, .right, line, &screen)
        put(Formats.bytes(exchange.bytesOut), columns.bytesOut, role, .right, line, &screen)
        if let (text, role) = remark(row), let column = columns.remark {
            screen.fill(row: line, column: column.start, width: column.width)
            put(text, column, role, .left, line, &screen)
        }
        drawTook(exchange, line, &screen)
    }

    /// What is said beside the time taken.
    private func remark(_ row: CaptureRow) -> (String, StyleRole)? {
        switch row.exchange.state {
        case .aborted(.visitorGone): (left("left at ", row.exchange), .failure)
        case .aborted(.visitorGoneUnsure): (left("left? ", row.exchange), .failure)
        default: row.replay?.verdict.map { ($0.text, $0.role) }
        }
    }

    private func left(_ word: String, _ exchange: Exchange) -> String {
        exchange.times.visitorStayed.map { word + Formats.duration($0) } ?? "visitor left"
    }

    /// The time taken with its bar, or what the exchange is waiting for, or how it ended.
    private func drawTook(_ exchange: Exchange, _ line: Int, _ screen: inout Screen) {
        guard let column = columns.took else { return }
        let times = exchange.times
        func time(_ amount: TimeAmount, _ role: StyleRole) {
            let text = RequestColumns.Column(start: column.start, width: LatencyBar.timeWidth)
            put(Self.short(amount), text, role, .right, line, &screen)
            screen.put(LatencyBar.text(amount), row: line, column: text.end + 1, role: .latencyBar)
        }
        func word(_ text: String, _ role: StyleRole) {
            put(text, column, role, .left, line, &screen)
        }
        switch exchange.state {
        case .waitsForHold where exchange.seemsGivenUp: word(left("left? ", exchange), .failure)
        case .waitsForHold: word("held \(Self.short(times.held(at: now)))", .held)
        case .connecting: word("connecting", .waiting)
        case .waitingForAnswer: time(times.taken(at: now), .waiting)
        case .streaming: word("⇣ streaming", .streaming)
        case .upgraded: word("⇄ \(Self.short(times.whole(at: now)))", .streaming)
        case .finished: time(times.taken(at: now), .plain)
        case .aborted(.visitorGone) where columns.remark == nil: word(left("left at ", exchange), .failure)
        case .aborted(.visitorGoneUnsure) where columns.remark == nil: word(left("left? ", exchange), .failure)
        case .aborted(.visitorGone), .aborted(.visitorGoneUnsure): time(times.taken(at: now), .plain)
        case .aborted(let abort): word(StatusStyle.word(for: abort, of: exchange), .failure)
        }
    }

    /// A duration in at most 6 columns: `3.2 s`, `12:31`, `3 h`.
    private static func short(_ amount: TimeAmount) -> String {
        let seconds = amount.nanoseconds / 1_000_000_000
        if seconds < 60 { return Formats.duration(amount) }
        if seconds < 3600 { return String(Formats.upTime(amount).suffix(5)) }
        return "\(seconds / 3600) h"
    }
}
