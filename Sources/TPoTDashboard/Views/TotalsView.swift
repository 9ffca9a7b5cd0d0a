/// The totals, in one line. The reason of a lost tunnel comes first if the header has no room for it.
enum TotalsView {
    /// Seconds of the sparkline: at least, and at most.
    private static let shortLine = 8
    private static let longLine = 59

    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        guard let row = picture.layout.totals else { return }
        let totals = picture.totals
        var line = LineParts()
        let state = TunnelStateText(picture.tunnel, at: picture.drawn.monotonic)
        if !state.reason.isEmpty, !HeaderView.hasRoomForReason(picture, state) { line.add(state.reason, state.role) }
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
        let rate = " \(totals.requestsPerSecond)/s"
        let seconds = Array(totals.rates.dropLast())
        line.add([.init(Formats.sparkline(seconds.suffix(shortLine)), .sparkline), .init(rate, .plain)], importance: 1)
        // The sparkline grows into the room that the other parts leave.
        let room = screen.width - 2 - line.columns
        if room > 0, var last = line.parts.last {
            let count = min(longLine, seconds.count, shortLine + room)
            last.spans[0].text = Formats.sparkline(seconds.suffix(count))
            line.parts[line.parts.count - 1] = last
        }
        line.draw(row: row, from: 1, to: screen.width - 1, on: &screen)
    }
}
