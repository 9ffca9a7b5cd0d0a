import NIOCore
import TPoTDashboard
import TPoTTraffic
import Testing

@testable import TPoTCommand

/// The dashboard's log has what `--no-ui` prints on standard error.
@Suite struct DashboardStatusLogTests {
    private let log = LogBuffer()
    private let statusLog: DashboardStatusLog

    init() {
        statusLog = DashboardStatusLog(log)
    }

    private func event(_ kind: TrafficEvent.Kind) -> TrafficEvent {
        TrafficEvent(time: .now(), conversation: 1, kind: kind)
    }

    private var lines: [String] { log.lines(log.range).map { "\($0.level): \($0.text)" } }

    @Test func statusChangesAreLogged() {
        let reason = "gone\u{1b}"
        statusLog.note([event(.tunnel(.connecting(attempt: 1))), event(.tunnel(.online(url: "http://a.b")))])
        statusLog.note([event(.tunnel(.reconnecting(attempt: 1, delay: .seconds(1), reason: reason)))])
        statusLog.note([event(.tunnel(.online(url: "http://a.b")))])
        statusLog.note([event(.tunnel(.holding(true))), event(.tunnel(.online(url: "http://c.b")))])
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
        statusLog.note([refused, event(.closed(.targetNotConnected))])
        statusLog.note([refused, event(.targetFailed("unix:/s: no such socket file")), refused, refused])
        #expect(
            lines == [
                "warning: target localhost:1: connection refused",
                "warning: target localhost:1: connection refused (3 times)",
                "warning: target unix:/s: no such socket file",
            ]
        )
    }

    @Test func aTargetThatIsUpAgainIsLogged() {
        let since = NIODeadline.uptimeNanoseconds(1_000_000_000)
        func change(_ target: TargetState, after seconds: Int64) -> TrafficEvent {
            TrafficEvent(time: since + .seconds(seconds), conversation: 0, kind: .tunnel(.target(target)))
        }
        statusLog.note([change(.up, after: 0), change(.down(since: since, reason: "refused"), after: 0)])
        statusLog.note([change(.down(since: since, reason: "no such host"), after: 4)])
        #expect(lines.isEmpty)
        statusLog.note([change(.up, after: 12), change(.up, after: 13)])
        #expect(lines == ["info: the target is up again after 12 s"])
    }
}
