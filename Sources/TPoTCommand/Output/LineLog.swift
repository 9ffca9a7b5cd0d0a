import Logging
import TPoTCapture
import TPoTWire

/// The program's log, one line for each message. swift-log's own handler is not used because it writes on the calling
/// thread, which may be an event loop.
///
///     2026-11-23T12:01:33.000Z info: tunnel opened for 203.0.113.9 tunnel=shop
///     {"type":"log","time":"2026-11-23T12:01:33.000Z","level":"info","message":"tunnel opened","tunnel":"shop"}
struct LineLog: LogHandler {
    /// The names that JSON lines use themselves.
    /// Metadata with the same name is left out: of two equal names, a reader could take either.
    private static let ownNames: Set<String> = ["type", "time", "level", "message", "error"]

    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    private let format: LogFormat
    private let clock: TrafficClock
    private let write: @Sendable ([UInt8]) -> Void

    /// - Parameter write: takes whole lines.
    init(_ format: LogFormat, clock: TrafficClock = .system, write: @escaping @Sendable ([UInt8]) -> Void) {
        self.format = format
        self.clock = clock
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let time = clock.read().unixNanoseconds
        let fields = (event.metadata.map { metadata.merging($0) { $1 } } ?? metadata).sorted { $0.key < $1.key }
        switch format {
        case .text: write(Self.text(event, fields, time))
        case .json: write(Self.json(event, fields, time))
        }
    }

    private typealias Fields = [(key: String, value: Logger.Metadata.Value)]

    /// The maximum number of bytes shown of a text line.
    private static let textLimit = 4096

    private static func text(_ event: LogEvent, _ fields: Fields, _ time: Int64) -> [UInt8] {
        var line: [UInt8] = []
        UTCTime.append(rfc3339: time, to: &line)
        var text = " \(event.level.rawValue): \(event.message)"
        if let error = event.error { text += " error=\(error)" }
        for (name, value) in fields { text += " \(name)=\(value)" }
        // Parts of it may come from the network, so it is made one line that is safe for a terminal.
        line += VisibleText.line(text, limit: textLimit).utf8
        line.append(UInt8(ascii: "\n"))
        return line
    }

    private static func json(_ event: LogEvent, _ fields: Fields, _ time: Int64) -> [UInt8] {
        var line = JSONLine(type: "log", unixNanoseconds: time)
        line.add("level", event.level.rawValue)
        line.add("message", "\(event.message)")
        if let error = event.error { line.add("error", "\(error)") }
        for (name, value) in fields where !ownNames.contains(name) {
            switch value {
            case .stringConvertible(let number as Int): line.add(named: name, number: "\(number)")
            case .stringConvertible(let number as Double) where number.isFinite:
                line.add(named: name, number: "\(number)")
            default: line.add(named: name, "\(value)")
            }
        }
        var bytes: [UInt8] = []
        line.append(to: &bytes)
        return bytes
    }
}
