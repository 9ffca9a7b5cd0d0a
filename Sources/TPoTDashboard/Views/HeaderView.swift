import NIOCore
import TPoTWire

/// The header: state, public URL, target, round trip, uptime. When there is little room, the URL and the sign of the
/// state stay longest.
enum HeaderView {
    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        screen.fill(row: 0, column: 0, width: screen.width, role: .headerBar)
        line(picture, TunnelStateText(picture.tunnel, at: picture.drawn.monotonic))
            .draw(row: 0, from: 1, to: screen.width - 1, on: &screen)
    }

    /// Whether the header has room for the reason. If not, ``TotalsView`` shows it.
    static func hasRoomForReason(_ picture: DashboardPicture, _ state: TunnelStateText) -> Bool {
        let line = line(picture, state).fitted(picture.state.size.width - 2)
        return line.parts.contains { $0.importance == reasonImportance }
    }

    private static let reasonImportance = 7

    private static func line(_ picture: DashboardPicture, _ state: TunnelStateText) -> LineParts {
        let tunnel = picture.tunnel
        var line = LineParts()
        line.add("tpot", .title, importance: 6)
        line.add(state.sign, state.role, gap: 2)
        line.add(state.word, state.role, gap: 1, importance: 9)
        if !state.detail.isEmpty { line.add(state.joinedDetail, state.role, gap: 0, importance: 8) }
        if let url = tunnel.url { line.add(VisibleText.text(url, limit: 300), .url) }
        if picture.facts.isEmbedded { line.add("(this machine only)", .dim, gap: 1, importance: 5) }
        if state.reason.isEmpty {
            let target = VisibleText.text(picture.facts.target, limit: 200)
            line.add([.init("→", .dim), .init("  " + target, .headerBar)], gap: 2, importance: 4)
        } else {
            line.add(state.reason, state.role, importance: reasonImportance)
        }
        if let roundTrip = tunnel.roundTrip {
            line.add("rtt \(Formats.duration(roundTrip))", .headerBar, importance: 1, isAtRight: true)
        }
        if case .online = tunnel.state, let since = tunnel.since {
            let up = Formats.upTime(picture.drawn.monotonic - since)
            line.add("up \(up)", .headerBar, importance: 2, isAtRight: true)
        }
        return line
    }
}
