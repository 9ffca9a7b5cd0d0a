import NIOCore
import TPoTCapture
import TestSupport
import Testing

@testable import TPoTDashboard

/// Rows of the request table, with what the capture recognises in them.
@Suite struct RequestRowTests {
    private let dashboard: DashboardFixture

    init() {
        var dashboard = DashboardFixture()
        dashboard.play { traffic in
            traffic.online()
            traffic.visit("POST /webhooks/stripe", "500 Oops")
            traffic.visit("POST /webhooks/stripe")
            traffic.visit("GET /index.html")
        }
        Scenes.all["the visitor leaves before it has the answer"]?(&dashboard)
        self.dashboard = dashboard
    }

    private func row(_ number: UInt64) throws -> CaptureRow { try #require(dashboard.store.detail(number)).row }

    private func draw(_ line: CaptureLine, width: Int) -> (text: String, screen: Screen) {
        var screen = Screen(width: width, height: 1)
        RequestRowView(
            line,
            RequestColumns(width: width, newest: 99),
            dashboard.facts,
            isChosen: false,
            at: dashboard.model.now.monotonic
        )
        .draw(row: 0, isSelected: false, on: &screen)
        return (screen.text[0], screen)
    }

    private static let widths = [40, 60, 80, 100, 120, 140, 200]

    @Test(arguments: widths)
    func anEventAndItsRepetitionAreShownAtEveryWidth(width: Int) throws {
        var row = try row(1)
        row.delivery = Delivery(sender: "Stripe", event: "invoice.payment_failed")
        let once = draw(.exchange(row), width: width).text
        #expect(once.contains("Stripe in") && once.contains("500") && !once.contains("⟳"))
        row.repetition = 2
        let again = draw(.exchange(row), width: width).text
        #expect(again.contains("Stripe") && again.contains("⟳ 2nd") && again.contains("500"))
    }

    @Test func withoutAnEventTheAnswerIsShown() throws {
        var row = try row(3)
        row.responseType = "text/html"
        #expect(draw(.exchange(row), width: 120).text.contains("  text/html 38 B  "))
        row.delivery = Delivery(sender: "Firefox")
        #expect(draw(.exchange(row), width: 120).text.contains("  Firefox text/html  "))
        #expect(draw(.exchange(row), width: 40).text.contains("GET /index.html"), "the request line says more")
    }

    @Test func ordinals() throws {
        for (number, text) in [
            (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st"), (113, "113th"),
        ] {
            var row = try row(1)
            row.repetition = number
            #expect(EventText(row).repetition == "⟳ \(text)")
        }
    }

    /// The words of the network are made visible.
    @Test func anEventCannotChangeTheTerminal() throws {
        var row = try row(1)
        row.delivery = Delivery(sender: "\u{1b}[2J", event: "\u{202e}x")
        #expect(draw(.exchange(row), width: 120).text.contains(#"\x1b[2J \u{202e}x"#))
    }

    @Test(arguments: widths, [ReplayVerdict.fixed, .stillFailing, .regressed, .same, .differs])
    func aReplayStandsUnderItsOriginalAndSaysHowItCompares(width: Int, verdict: ReplayVerdict) throws {
        var row = try row(2)
        row.replay = ReplayFacts(edit: "body 1 line", verdict: verdict)
        let text = draw(.replay(row, isLast: false), width: width).text
        #expect(text.hasPrefix("  ├↻ 2") && text.contains("200") && text.contains(verdict.text), "\(text)")
        if width >= 80 { #expect(text.contains("edited, ")) }
        if width >= 60 { #expect(text.contains(" 10 ms ▏")) }
        #expect(draw(.replay(row, isLast: true), width: width).text.hasPrefix("  └↻ 2"))
        row.replay = ReplayFacts()
        #expect(draw(.replay(row, isLast: true), width: width).text.contains("as captured"))
    }

    @Test(arguments: widths)
    func severalReplaysAreOneRow(width: Int) {
        let group = ReplayGroup(
            batch: 1,
            original: 1,
            first: 416,
            last: 435,
            count: 20,
            over: 20,
            statuses: [.init(status: 200, count: 17), .init(status: 500, count: 2), .init(status: nil, count: 1)],
            p50: .milliseconds(2)
        )
        let text = draw(.replays(group, isLast: true), width: width).text
        #expect(text.hasPrefix("  └↻ 416–435") && text.contains("17×200 2×500 1×✗"), "\(text)")
        if width >= 60 { #expect(text.contains("× 20") && text.contains("p50 2.0 ms")) }
    }

    @Test(arguments: widths)
    func aVisitorThatLeftIsSeenAtEveryWidth(width: Int) throws {
        let text = draw(.exchange(try row(4)), width: width).text
        #expect(text.contains("200⚑"))
        if width >= 60 { #expect(text.contains("left at 10.0 s")) }
    }

    /// IP and port, request line, bytes: from 120 columns on.
    @Test(arguments: [120, 140, 200])
    func remoteRequestAndBytesAreInTheList(width: Int) throws {
        let text = draw(.exchange(try row(3)), width: width).text
        for part in ["203.0.113.9:52104", "GET /index.html", "200", " 61 B ", " 38 B"] {
            #expect(text.contains(part), "\(text)")
        }
    }

    @Test func theBarIsLogarithmic() {
        let bars: [(Int64, String)] = [
            (0, "▏"), (10_000, "▏"), (40_000, "█"), (35_000, "▉"), (160_000, "██"), (640_000, "███"),
            (12_000_000, "█████"),
            (9_000_000_000, "█████"),
        ]
        for (microseconds, bar) in bars {
            #expect(LatencyBar.text(.microseconds(microseconds)) == bar, "\(microseconds)")
        }
        let lengths = (0..<60).map { LatencyBar.text(.milliseconds(Int64($0 * $0))).count }
        #expect(lengths == lengths.sorted())
    }

    /// Columns leave one after the other, and hidden ones never come back.
    @Test func columnsLeaveInAFixedOrder() {
        var shown = Set(RequestColumn.allCases)
        for width in stride(from: 220, through: 40, by: -1) {
            let columns = RequestColumns(width: width, newest: 99)
            let now = Set(RequestColumn.allCases.filter { columns.place(of: $0) != nil })
            #expect(now.isSubset(of: shown), "\(width)")
            shown = now
            for column in RequestColumn.allCases {
                guard let place = columns.place(of: column) else { continue }
                #expect(place.start >= 2 && place.end <= width && place.width > 0, "\(column) at \(width)")
                #expect(columns.column(at: place.start) == column)
            }
            for hidden in RequestColumn.allCases where hidden.canBeHidden {
                let columns = RequestColumns(width: width, newest: 99, hidden: [hidden])
                #expect(columns.place(of: hidden) == nil, "\(hidden) at \(width)")
            }
        }
        #expect(shown == [.number, .event, .status])
        let all = Set(RequestColumn.allCases.filter(\.canBeHidden))
        #expect(RequestColumns(width: 80, newest: 99, hidden: all).place(of: .status) != nil)
        let at80 = RequestColumns(width: 80, newest: 99)
        for column in [RequestColumn.event, .request, .status, .took, .time] { #expect(at80.place(of: column) != nil) }
    }

    @Test func theSparklineHasAFixedScaleThatIsWritten() {
        func rate(well: Int = 0, failed: Int = 0) -> StatusRate {
            var rate = StatusRate()
            (rate.well, rate.failed) = (well, failed)
            return rate
        }
        func text(_ rates: [StatusRate]) -> String { RateSparkline(rates).spans.map(\.text).joined() }
        #expect(text(Array(repeating: rate(well: 1), count: 3)) == "▂▂▂ 1/s █=10", "one a second is not much")
        #expect(text([rate(), rate(well: 5), rate(well: 10)]) == "▁▅█ 10/s █=10")
        #expect(text([rate(well: 11)]) == "▅ 11/s █=20")
        #expect(text([rate(well: 120), rate()]).hasSuffix(" 0/s █=200"))
        let roles = RateSparkline([rate(), rate(well: 3), rate(well: 3, failed: 1)]).spans.map(\.role)
        #expect(roles.prefix(3) == [.dim, .success, .serverError])
    }
}
