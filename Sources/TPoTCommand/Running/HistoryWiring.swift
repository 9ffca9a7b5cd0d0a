import Dispatch
import Logging
import TPoTCapture
import TPoTControl
import TPoTHistory
import TPoTInspect
import TPoTTunnel

/// The history of a run of `tpot http`, and what the user is told about it.
struct HistoryWiring {
    /// How long the last requests of a run may take to be written.
    private static let patience = DispatchTimeInterval.seconds(2)

    private let writer: HistoryWriter?
    /// The file, and what the requests of this tunnel are found by: its name if the user asked for one, else its target.
    private let place: (file: HistoryFile, tunnel: String)?

    /// Opens the history. If it cannot be used, that is said, and the run goes on without one.
    /// - Parameter tell: gets messages for the user at the start, and warnings.
    init(
        _ capture: CaptureSettings,
        _ configuration: TunnelClientConfiguration,
        home: String?,
        tell: (String) -> Void,
        warn: @escaping @Sendable (String) -> Void
    ) {
        writer = Self.open(capture, configuration, home: home, tell: tell, warn: warn)
        place = home.map { (HistoryFile(home: $0), configuration.subdomain?.name ?? "\(configuration.target)") }
    }

    private static func open(
        _ capture: CaptureSettings,
        _ configuration: TunnelClientConfiguration,
        home: String?,
        tell: (String) -> Void,
        warn: @escaping @Sendable (String) -> Void
    ) -> HistoryWriter? {
        guard let limits = capture.history else { return nil }
        guard let home else {
            warn("requests are not kept when tpot ends: there is no home folder (HOME is not set)")
            return nil
        }
        let file = HistoryFile(home: home)
        let isNew = !file.exists
        let run = HistoryRun(
            name: configuration.subdomain?.name,
            target: "\(configuration.target)"
        )
        do throws(HistoryError) {
            let writer = try HistoryWriter(file, run, limits: limits) { notice in
                warn(HistoryText.text(notice, file))
            }
            if isNew { tell(HistoryText.welcome(file, limits)) }
            return writer
        } catch {
            warn(HistoryText.unusable(error, file))
            return nil
        }
    }

    var isOn: Bool { writer != nil }

    var numbers: ExchangeNumbers { writer?.numbers ?? .counted }

    /// A number between those of earlier runs and those of this one; nil without a history.
    var earlierLine: UInt64? { writer?.earlierLine }

    /// Whether the request with this number is in the history, or will be if all goes well.
    var isKept: @Sendable (UInt64) -> Bool { { [writer] in writer?.isKept($0) ?? false } }

    /// What the history has of this run; nil without one.
    var saved: ExchangeSource.Saved? {
        guard let writer, let place else { return nil }
        return ExchangeSource.Saved(
            file: place.file,
            firstNumber: writer.firstNumber,
            runs: { [writer] in writer.runs },
            tunnel: place.tunnel
        )
    }

    func follow(_ store: CaptureStore) { writer?.follow(store) }

    /// Loads requests of earlier runs; nil without a history.
    func loader(into store: CaptureStore) -> HistoryLoader? {
        guard let line = writer?.earlierLine, let place else { return nil }
        return HistoryLoader(place.file, tunnel: place.tunnel, into: store, below: line)
    }

    /// Writes what waits. Call it when nothing more comes.
    /// - Returns: a warning if that took too long.
    func finish() -> String? {
        guard let writer, !writer.finish(within: Self.patience) else { return nil }
        return "the last requests may be missing in the history: they could not be written in time"
    }
}

/// Sentences about the history.
enum HistoryText {
    static func welcome(_ file: HistoryFile, _ limits: HistoryLimits) -> String {
        "requests are kept in \(file.path) (at most \(size(limits.bytes)), \(age(limits.age)));"
            + " tpot history shows it, --no-history turns it off"
    }

    static func unusable(_ error: HistoryError, _ file: HistoryFile) -> String {
        "requests are not kept when tpot ends: \(file.path): \(error.text); \(wayOut(error))"
    }

    static func ended(_ error: HistoryError, _ file: HistoryFile) -> String {
        "requests from here on are not kept when tpot ends: \(file.path): \(error.text); \(wayOut(error))"
    }

    static func text(_ notice: HistoryWriter.Notice, _ file: HistoryFile) -> String {
        switch notice {
        case .ended(let error): ended(error, file)
        case .locked: locked(file)
        case .lost(let count): lost(count)
        }
    }

    static let late = "the last replays may be missing in the history: they could not be written in time"

    static func lost(_ count: Int) -> String {
        "\(count == 1 ? "1 request is" : "\(count) requests are") missing in the history: there was no time to write"
            + " \(count == 1 ? "it" : "them")"
    }

    static func locked(_ file: HistoryFile) -> String {
        "requests wait to be kept: another program has locked \(file.path)"
    }

    private static func wayOut(_ error: HistoryError) -> String {
        switch error {
        case .failed(.busy, _): "start tpot again"
        case .failed(.full, _): "free some space there, or set a smaller --history-size"
        case .failed(.corrupt, _), .foreign: "move it away, and tpot makes a new one"
        case .newer: "update tpot, or use --no-history"
        case .failed, .file, .missing: "make it writable, or use --no-history"
        }
    }

    private static func size(_ bytes: Int) -> String {
        let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
        guard let (unit, name) = units.first(where: { bytes >= $0.0 && bytes % $0.0 == 0 }) else {
            return "\(bytes) bytes"
        }
        return "\(bytes / unit) \(name)"
    }

    private static func age(_ seconds: Int) -> String {
        let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")]
        guard let (unit, name) = units.first(where: { seconds % $0.0 == 0 }) else { return "\(seconds) seconds" }
        let count = seconds / unit
        return "\(count) \(name)\(count == 1 ? "" : "s")"
    }
}
