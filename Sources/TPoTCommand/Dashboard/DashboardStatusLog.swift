import NIOConcurrencyHelpers
import TPoTCapture
import TPoTDashboard
import TPoTTraffic

/// Writes to the dashboard's log what the printer would print on standard error.
final class DashboardStatusLog: Sendable {
    private let log: LogBuffer
    private let clock: TrafficClock
    private let statusText = NIOLockedValueBox(StatusText())

    init(_ log: LogBuffer, clock: TrafficClock = .system) {
        self.log = log
        self.clock = clock
    }

    /// Adds the lines for a batch of events. A failure that occurs many times in a batch gets one line, so that
    /// thousands of failing requests do not flood the log.
    func note(_ events: [TrafficEvent]) {
        var failures: [String: Int] = [:]
        for event in events {
            switch event.kind {
            case .tunnel(let status):
                if let line = statusText.withLockedValue({ $0.line(status, at: event.time) }) { write(line, event) }
            case .targetFailed(let reason): failures[reason, default: 0] += 1
            default: break
            }
        }
        guard !failures.isEmpty else { return }
        for event in events {
            guard case .targetFailed(let reason) = event.kind, let count = failures.removeValue(forKey: reason) else {
                continue
            }
            var line = StatusText.targetFailed(reason)
            if count > 1 { line.text += " (\(count) times)" }
            write(line, event)
        }
    }

    private func write(_ line: StatusText.Line, _ event: TrafficEvent) {
        let time = clock.read().unixNanoseconds(at: event.time)
        log.append(LogLine(unixNanoseconds: time, level: line.isWarning ? .warning : .info, text: line.text))
    }
}
