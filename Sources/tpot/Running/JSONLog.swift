import Logging
import TPoTTraffic

/// The program's own log as JSON, an object a line: what a line is about follows as fields of their own.
///
///     {"type":"log","time":"2026-11-23T12:01:33.000Z","level":"info","message":"tunnel opened","tunnel":"shop"}
struct JSONLog: LogHandler {
    /// What every line has. Metadata of the same name is left out: a reader would take either of two.
    private static let ownNames: Set<String> = ["type", "time", "level", "message", "error"]

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
        var line = JSONLine(type: "log", unixNanoseconds: clock.read().unixNanoseconds)
        line.add("level", event.level.rawValue)
        line.add("message", "\(event.message)")
        if let error = event.error { line.add("error", "\(error)") }
        let fields = event.metadata.map { metadata.merging($0) { $1 } } ?? metadata
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) where !Self.ownNames.contains(name) {
            switch value {
            case .stringConvertible(let number as Int): line.add(named: name, number: "\(number)")
            case .stringConvertible(let number as Double) where number.isFinite:
                line.add(named: name, number: "\(number)")
            default: line.add(named: name, "\(value)")
            }
        }
        var bytes: [UInt8] = []
        line.append(to: &bytes)
        write(bytes)
    }
}
