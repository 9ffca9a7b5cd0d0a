import Logging
import TPoTTraffic

/// The program's own log as text, a line each. swift-log's handler writes where it is called, which may be an event loop.
///
///     2026-11-23T12:01:33.000Z info: tunnel opened for 203.0.113.9 tunnel=shop
struct TextLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    private let clock: TrafficClock
    private let write: @Sendable ([UInt8]) -> Void

    /// - Parameter write: takes whole lines.
    init(clock: TrafficClock = .system, write: @escaping @Sendable ([UInt8]) -> Void) {
        self.clock = clock
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line: [UInt8] = []
        UTCTime.append(rfc3339: clock.read().unixNanoseconds, to: &line)
        line += " \(event.level.rawValue): \(event.message)".utf8
        if let error = event.error { line += " error=\(error)".utf8 }
        let fields = event.metadata.map { metadata.merging($0) { $1 } } ?? metadata
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { line += " \(name)=\(value)".utf8 }
        line.append(UInt8(ascii: "\n"))
        write(line)
    }
}
