import Logging
import TPoTCapture
import TPoTDashboard

/// Sends the program's log to the dashboard while it is open, because nothing may write over the screen.
struct DashboardLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let lines: LogBuffer

    private init(_ level: Logger.Level, _ lines: LogBuffer) {
        logLevel = level
        self.lines = lines
    }

    static func make(_ level: Logger.Level, _ lines: LogBuffer) -> Logger {
        // A swift-log logger takes its level from its handler.
        Logger(label: "tpot") { _ in DashboardLog(level, lines) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let level: LogLine.Level =
            switch event.level {
            case .trace, .debug: .debug
            case .info, .notice: .info
            case .warning: .warning
            case .error, .critical: .error
            }
        let time = TrafficClock.system.read().unixNanoseconds
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let text = ["\(event.message)"] + fields.map { "\($0.key)=\($0.value)" }
        lines.append(LogLine(unixNanoseconds: time, level: level, text: text.joined(separator: " ")))
    }
}
