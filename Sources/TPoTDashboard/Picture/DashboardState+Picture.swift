import NIOCore
import TPoTCapture
import TPoTWire

/// Brings the state up to date with what arrived since the last picture.
extension DashboardState {
    /// Announces a new URL, drops an expired message, and moves the cursor to an awaited replay.
    mutating func noteChanges(_ tunnel: TunnelSnapshot, _ model: DashboardModel) {
        if let message, message.until <= model.now.monotonic { self.message = nil }
        if let former = tunnel.formerURL, former != announcedFormerURL {
            announcedFormerURL = former
            let text = "the public URL has changed; \(VisibleText.text(former)) no longer leads here"
            show(DashboardMessage(text, isFailure: true), at: model.now.monotonic)
        }
        notice = Self.notice(tunnel, model.now.monotonic)
        if askedHold == tunnel.isHolding { askedHold = nil }
        takeAwaitedReplay(model)
    }

    private static func notice(_ tunnel: TunnelSnapshot, _ now: NIODeadline) -> String? {
        let reason = TunnelStateText(tunnel, at: now).reason
        if !reason.isEmpty { return reason }
        guard case .online = tunnel.state, case .down(_, let reason) = tunnel.target else { return nil }
        return "the target cannot be reached: " + VisibleText.text(reason, limit: 600)
    }

    mutating func show(_ message: DashboardMessage, at now: NIODeadline) {
        let until = now + DashboardMessage.duration(isFailure: message.isFailure)
        self.message = ShownMessage(message: message, until: until)
    }

    private mutating func takeAwaitedReplay(_ model: DashboardModel) {
        guard var awaited = awaitedReplay else { return }
        let replays = model.source.replays(of: awaited.original).filter { $0 > awaited.seen }
        var come: [UInt64] = []
        for number in replays where awaited.count > 0 {
            guard model.source.detail(number)?.exchange.replayOf == awaited.original else { continue }
            awaited.count -= 1
            come.append(number)
        }
        awaited.seen = replays.last ?? awaited.seen
        for number in come { follow(number, &awaited, model) }
        awaitedReplay = awaited.count > 0 ? awaited : nil
    }

    private mutating func follow(_ replay: UInt64, _ awaited: inout AwaitedReplay, _ model: DashboardModel) {
        let exchange = model.source.detail(replay)?.exchange
        func report(_ text: String, remark: String = "") {
            let remark = awaited.remark + remark
            var message = DashboardMessage("replayed as \(text)\(remark)")
            if case .aborted(let abort)? = exchange?.state {
                let sentence = StatusStyle.sentence(for: abort)
                message = DashboardMessage("replayed as \(text): \(sentence)\(remark)", isFailure: true)
            }
            show(message, at: model.now.monotonic)
        }
        let begin = awaited.first ?? replay
        awaited.first = begin
        let numbers = begin == replay ? "\(replay)" : "\(begin)…\(replay)"
        guard freeze == nil else { return report(numbers, remark: ", behind the frozen picture") }
        report(numbers)
        // It stands under its original, unless an open detail shows one that the filter hides.
        guard detail != nil || model.source.position(of: replay, query).isThere else { return }
        requests.select(replay)
        if !list.hasRequests { list = .requests }
    }

    // MARK: Lists

    mutating func settleRequests(_ model: DashboardModel) -> DashboardPicture.Requests {
        let counts = model.source.page(query, from: 0, count: 0)
        requests.total = counts.lineCount
        let height = list.hasRequests ? layout.list.count : 0
        let place = requests.number.map { model.source.position(of: $0, query).place } ?? 0
        guard height > 0 else {
            return DashboardPicture.Requests(
                matching: counts.matching,
                kept: counts.kept,
                earlier: counts.earlier,
                newest: counts.newest,
                begun: counts.begun
            )
        }
        let from = requests.settle(place: place, total: counts.lineCount, height: height)
        let page = model.source.page(query, from: from, count: height)
        if let number = requests.number, let line = page.lines.firstIndex(where: { $0.number == number }) {
            // Newer rows may have arrived between the two calls.
            requests.line = line
        }
        requests.line = min(requests.line, max(0, page.lines.count - 1))
        let lines = freeze?.remember(page.lines) ?? page.lines
        // The line above earlier runs cannot be selected.
        if lines.count > requests.line + 1, lines[requests.line].isEarlierLine { requests.line += 1 }
        requests.shown = lines.isEmpty ? nil : lines[requests.line].number
        return DashboardPicture.Requests(
            lines: lines,
            line: detail == nil || requests.shown == selected ? requests.line : nil,
            newer: page.from,
            matching: page.matching,
            kept: page.kept,
            earlier: page.earlier,
            isAtEnd: page.from + page.lines.count >= page.lineCount,
            newest: page.newest,
            begun: page.begun,
            isSearching: page.isSearching,
            bodyMatches: page.bodyMatches
        )
    }

    mutating func settleConversations(_ model: DashboardModel) -> DashboardPicture.Conversations {
        let height = list == .conversations ? layout.list.count : 0
        guard height > 0 else { return DashboardPicture.Conversations() }
        let total = model.conversations(freeze, from: 0, count: 0).total
        let place = conversations.number.map { model.place(ofConversation: $0, freeze) } ?? 0
        let from = conversations.settle(place: place, total: total, height: height)
        let page = model.conversations(freeze, from: from, count: height)
        if let number = conversations.number, let line = page.rows.firstIndex(where: { $0.number == number }) {
            conversations.line = line
        }
        conversations.line = min(conversations.line, max(0, page.rows.count - 1))
        conversations.shown = page.rows.isEmpty ? nil : page.rows[conversations.line].number
        return DashboardPicture.Conversations(
            rows: page.rows,
            line: conversations.line,
            newer: from,
            total: page.total
        )
    }

    /// - Returns: the visible rows, and the number of log lines after them.
    mutating func settleLog(_ model: DashboardModel) -> (rows: [LogText.Row], newer: Int) {
        guard list == .log, !layout.list.isEmpty else { return ([], 0) }
        let kept = model.logRange(freeze)
        guard !kept.isEmpty else { return ([], 0) }
        let scroll = logScroll(model, kept)
        if let top = logTop {
            // The log may have dropped this line for newer ones.
            let isKept = top.line >= kept.lowerBound
            let place = DocumentPosition(line: isKept ? top.line - kept.lowerBound : 0, row: isKept ? top.row : 0)
            scrollLog(to: scroll.clamped(place), scroll, kept)
        }
        let start = logPlace(scroll, kept)
        let text = LogText(width: size.width, model.facts)
        var rows: [LogText.Row] = []
        var next = kept.lowerBound + start.line
        while rows.count < start.row + layout.list.count, next < kept.upperBound {
            rows += model.log.lines(next..<next + 1).flatMap(text.rows)
            next += 1
        }
        return (Array(rows.dropFirst(start.row).prefix(layout.list.count)), kept.upperBound - next)
    }

    /// - Parameter kept: the lines to scroll through. It is fixed because the log may grow meanwhile.
    func logScroll(_ model: DashboardModel, _ kept: Range<Int>) -> RowScroll {
        let text = LogText(width: size.width, model.facts)
        return RowScroll(count: kept.count, height: layout.list.count) { [log = model.log] line in
            let number = kept.lowerBound + line
            return log.lines(number..<number + 1).first.map { text.rows($0).count } ?? 1
        }
    }

    /// The scroll position of the log, in lines counted from the oldest kept one.
    func logPlace(_ scroll: RowScroll, _ kept: Range<Int>) -> DocumentPosition {
        logTop.map { DocumentPosition(line: $0.line - kept.lowerBound, row: $0.row) } ?? scroll.end
    }

    /// Scrolls the log. At its end the log follows new lines.
    mutating func scrollLog(to place: DocumentPosition, _ scroll: RowScroll, _ kept: Range<Int>) {
        let isAtEnd = place >= scroll.end
        logTop = isAtEnd ? nil : DocumentPosition(line: place.line + kept.lowerBound, row: place.row)
    }

    // MARK: Documents

    /// The exchanges whose text is open; nil if no text is.
    func openText(_ model: DashboardModel) -> OpenText? {
        if let comparison {
            return .comparison(
                number: comparison.number,
                model.source.detail(comparison.original),
                model.source.detail(comparison.number)
            )
        }
        guard let detail, let number = selected else { return nil }
        return .detail(number: number, freeze?.details[number] ?? model.source.detail(number), detail)
    }

    /// Moves an open detail to the selected exchange, then returns the open text.
    mutating func settleOpenText(_ model: DashboardModel) -> OpenText? {
        if comparison == nil, detail != nil {
            let number = selected
            detail?.show(number)
            if let number, freeze != nil, let content = model.source.detail(number) { freeze?.remember(content) }
        }
        return openText(model)
    }

    /// Brings the scroll positions into range, and returns the open texts.
    mutating func settleDocuments(_ text: OpenText, _ model: DashboardModel) -> [DashboardPicture.Document] {
        readers(text, model).map { reader in
            let pane = reader.pane
            guard comparison == nil, let detail else {
                let scroll = reader.clamped(comparison?.scroll ?? DocumentPosition())
                comparison?.scroll = scroll
                let total = comparedText(model)?.differences.count ?? 0
                comparison?.total = total
                // A replay that was compared before it was over may have differed in more.
                if let place = comparison?.difference, place >= total {
                    comparison?.difference = total > 0 ? total - 1 : nil
                }
                return DashboardPicture.Document(pane: pane, text: reader.document, scroll: scroll)
            }
            let text = detail[pane.tab]
            let scroll = text.followsEnd ? reader.end : reader.clamped(text.scroll)
            self.detail?[pane.tab].scroll = scroll
            let hasKeys = pane.tab == detail.tab
            var document = DashboardPicture.Document(pane: pane, text: reader.document, scroll: scroll, mode: text.mode)
            document.isFocused = hasKeys && layout.panes.count > 1
            document.search = hasKeys ? detail.search : nil
            document.folded = Set(text.folds.lines.map(reader.document.index(ofBodyLine:)))
            if hasKeys, let node = reader.node(text) { document.node = reader.document.index(ofBodyLine: node) }
            return document
        }
    }

    /// Scrolls the open text that has the keys; nil if no text is open.
    func reader(_ model: DashboardModel) -> DocumentScroll? {
        guard let text = openText(model) else { return nil }
        let readers = readers(text, model)
        return readers.first { $0.pane.tab == detail?.tab } ?? readers.first
    }

    private func readers(_ text: OpenText, _ model: DashboardModel) -> [DocumentScroll] {
        let layout = layout
        let panes =
            comparison == nil
            ? layout.panes : [DetailPane(tab: .response, heading: nil, rows: layout.detail, columns: 0..<size.width)]
        return panes.map { pane in
            let columns = max(1, pane.columns.count - 2)
            let document =
                switch text {
                case .comparison(_, let old?, let new?):
                    model.documents.comparison(old, new, comparison?.open ?? [])
                case .detail(_, let content?, let detail):
                    model.documents.document(
                        content,
                        pane.tab,
                        detail,
                        model,
                        columns: columns,
                        height: pane.rows.count
                    )
                case .comparison(let number, _, _), .detail(let number, _, _): Self.gone(number)
                }
            return DocumentScroll(document: document, pane: pane)
        }
    }

    private static func gone(_ number: UInt64) -> DetailDocument {
        let text = "\(number) is not kept any more: newer ones needed the room (m marks a row to keep)"
        return DetailDocument([StyledLine(text, .dim)])
    }
}

/// The exchanges whose text is open. An exchange is nil if it is no longer kept.
enum OpenText {
    case detail(number: UInt64, CapturedExchange?, DetailState)
    case comparison(number: UInt64, _ old: CapturedExchange?, _ new: CapturedExchange?)

    /// The exchange that the title describes.
    var content: CapturedExchange? {
        switch self {
        case .detail(_, let content, _), .comparison(_, _, let content): content
        }
    }
}
