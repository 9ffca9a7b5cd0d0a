import NIOCore
import TPoTDashboard
import TPoTTraffic
import Testing

@testable import TPoTCommand

/// The dashboard's log has what `--no-ui` prints on standard error.
@Suite struct DashboardNewsTests {
    private let log = LogBuffer()
    private let news: DashboardNews

    init() {
        news = DashboardNews(log)
    }

    private func event(_ kind: TrafficEvent.Kind) -> TrafficEvent {
        TrafficEvent(time: .now(), conversation: 1, kind: kind)
    }

    private var lines: [String] { log.lines(log.range).map { "\($0.level): \($0.text)" } }

    @Test func statusChangesAreLogged() {
        let reason = "gone\u{1b}"
        news.note([event(.tunnel(.connecting(attempt: 1))), event(.tunnel(.online(url: "http://a.b")))])
        news.note([event(.tunnel(.reconnecting(attempt: 1, delay: .seconds(1), reason: reason)))])
        news.note([event(.tunnel(.online(url: "http://a.b")))])
        news.note([event(.tunnel(.holding(true))), event(.tunnel(.online(url: "http://c.b")))])
        #expect(
            lines == [
                "info: connected: http://a.b",
                #"warning: offline: gone\x1b; attempt 1 in 1.0 s"#,
                "info: connected again, still at http://a.b",
                "info: traffic is held",
                "warning: THE PUBLIC URL HAS CHANGED to http://c.b; http://a.b no longer leads here",
            ]
        )
    }

    @Test func repeatedTargetFailuresBecomeOneLine() {
        let refused = event(.targetFailed("localhost:1: connection refused"))
        news.note([refused, event(.closed(.targetNotConnected))])
        news.note([refused, event(.targetFailed("unix:/s: no such socket file")), refused, refused])
        #expect(
            lines == [
                "warning: target localhost:1: connection refused",
                "warning: target localhost:1: connection refused (3 times)",
                "warning: target unix:/s: no such socket file",
            ]
        )
    }
}
