import TPoTCapture

/// The totals, in one line.
enum TotalsView {
    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        guard let row = picture.layout.totals else { return }
        let totals = picture.totals
        var line = LineParts()
        let open = "open \(totals.open) of \(Formats.count(totals.conversations, "conversation"))"
        line.add(open, .plain, importance: 2)
        var requests: [StyledLine.Span] = [.init("requests \(Formats.grouped(totals.requests))", .plain)]
        if totals.waiting > 0 {
            let isHeld = picture.tunnel.isHolding
            requests += [.init(", ", .plain), .init("\(totals.waiting) waiting", isHeld ? .held : .waiting)]
        }
        line.add(requests, importance: 9)
        if totals.lost > 0 {
            line.add("\(Formats.count(totals.lost, "event")) not seen", .warning, importance: 8)
        }
        let inAndOut = "in \(Formats.byteSum(totals.bytesIn))  out \(Formats.byteSum(totals.bytesOut))"
        line.add(inAndOut, .plain, importance: 5)
        if let percentiles = totals.percentiles {
            line.add("p50 \(Formats.duration(percentiles.p50))", .plain, importance: 4)
            line.add("p90 \(Formats.duration(percentiles.p90))", .plain, gap: 2, importance: 3)
        }
        line.draw(row: row, from: 1, to: screen.width - 1, on: &screen)
    }
}

/// Why something does not work, and the way out, in rows of its own: whole sentences, never cut.
enum NoticeView {
    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        let lines = picture.layout.noticeLines(picture.state)
        for (row, line) in zip(picture.layout.notice, lines) {
            screen.put(line, row: row, column: 1, role: .failure)
        }
    }
}
