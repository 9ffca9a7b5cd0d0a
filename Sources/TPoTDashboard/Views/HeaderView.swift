import NIOCore
import TPoTCapture
import TPoTTraffic
import TPoTWire

/// The header: the tunnel's state, the public URL, the target and its state, traffic, failures. As the screen becomes
/// narrower, the least important parts leave; the URL and the sign of the tunnel's state never do.
///
///     tpot ● online  https://shop.tpot.example.com → localhost:8080 ● up   ▁▂▅█▃▁▂▁ 14/s █=20   2 failing   rtt 23 ms
enum HeaderView {
    /// Parts with a lower number leave first. Nothing but the sign and the URL stays longer than the failures and the
    /// tunnel's state, and before these two the rates leave.
    private enum Importance: Int {
        case upTime, roundTrip, machine, name, targetIsUp, target, detail, targetIsDown, rates, failures, state
    }

    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        screen.fill(row: 0, column: 0, width: screen.width, role: .headerBar)
        let room = screen.width - 2
        var line = line(picture)
        // The sparkline grows into the room that the other parts leave.
        let left = room - line.columns
        if left > 0 {
            let seconds = RateSparkline.shortest + left
            line = self.line(picture, seconds: min(RateSparkline.longest, seconds))
        }
        line.draw(row: 0, from: 1, to: screen.width - 1, on: &screen)
    }

    /// The line without a tunnel: `tpot  shop.har → localhost:8080   2 failing`.
    private static func line(_ opened: String, _ picture: DashboardPicture) -> LineParts {
        var line = LineParts()
        line.add("tpot", .title, importance: Importance.name.rawValue)
        line.add(VisibleText.text(opened, limit: 300), .url, gap: 2)
        let target = VisibleText.text(picture.facts.shortTarget, limit: 200)
        if target.isEmpty {
            line.add("without a target", .dim, gap: 2, importance: Importance.target.rawValue)
        } else {
            line.add([.init("→ ", .dim), .init(target)], gap: 1, importance: Importance.target.rawValue)
        }
        let failing = picture.totals.failing
        if failing > 0 {
            let text = "\(Formats.grouped(failing)) failing"
            line.add(text, .failure, importance: Importance.failures.rawValue, isAtRight: true)
        }
        return line
    }

    private static func line(_ picture: DashboardPicture, seconds: Int = RateSparkline.shortest) -> LineParts {
        if let opened = picture.facts.opened { return self.line(opened, picture) }
        let tunnel = picture.tunnel
        let state = TunnelStateText(tunnel, at: picture.drawn.monotonic)
        var line = LineParts()
        func add(
            _ text: String,
            _ role: StyleRole,
            _ importance: Importance?,
            gap: Int = 3,
            isAtRight: Bool = false
        ) {
            line.add(text, role, gap: gap, importance: importance?.rawValue, isAtRight: isAtRight)
        }
        add("tpot", .title, .name)
        add(state.sign, state.role, nil, gap: 1)
        add(state.word, state.role, .state, gap: 1)
        if !state.detail.isEmpty { add(state.joinedDetail, state.role, .detail, gap: 0) }
        if let url = tunnel.url { add(VisibleText.text(url, limit: 300), .url, nil, gap: 2) }
        if picture.facts.isEmbedded { add("(this machine only)", .dim, .machine, gap: 1) }
        let target = VisibleText.text(picture.facts.shortTarget, limit: 200)
        line.add([.init("→ ", .dim), .init(target)], gap: 1, importance: Importance.target.rawValue)
        switch tunnel.target {
        case .unknown: break
        case .up: line.add([.init("●", .success), .init(" up")], gap: 1, importance: Importance.targetIsUp.rawValue)
        case .down(let since, _):
            let seconds = max(0, (picture.drawn.monotonic - since).nanoseconds) / 1_000_000_000
            let time = seconds < 60 ? "\(seconds) s" : Formats.duration(.seconds(seconds))
            add("○ down \(time)", .failure, .targetIsDown, gap: 1)
        }
        let rates = RateSparkline(picture.totals, seconds: seconds)
        line.add(rates.spans, importance: Importance.rates.rawValue, isAtRight: true)
        let failing = picture.totals.failing
        if failing > 0 { add("\(Formats.grouped(failing)) failing", .failure, .failures, isAtRight: true) }
        if let roundTrip = tunnel.roundTrip {
            add("rtt \(Formats.duration(roundTrip))", .plain, .roundTrip, isAtRight: true)
        }
        if case .online = tunnel.state, let since = tunnel.since {
            add("up \(Formats.upTime(picture.drawn.monotonic - since))", .plain, .upTime, isAtRight: true)
        }
        return line
    }
}
