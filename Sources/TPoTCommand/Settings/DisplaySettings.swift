import TPoTCapture
import TPoTHistory
import TPoTInspect

/// How a client shows its traffic.
struct DisplaySettings: Hashable, Sendable {
    /// Whether the dashboard is shown if there is a terminal.
    var showsDashboard = true
    var logFormat: LogFormat = .text
    var debug = false
    var capture = CaptureSettings()

    init() {}

    init(_ settings: MergedSettings) throws(CommandError) {
        showsDashboard = !settings.flag(.noUi)
        logFormat = try settings.logFormat()
        debug = settings.flag(.debug)
        capture = try CaptureSettings(settings)
    }

    /// The settings that ``init(_:)`` reads.
    static let names: [Setting] = [
        .noUi, .logFormat, .debug, .hold, .captureBody, .captureMemory, .noCaptureBodies, .exportSecrets,
        .maskHeaders, .noHistory, .historySize, .historyAge,
    ]
}

/// What the dashboard keeps, what it masks, and whether the tunnel starts held.
struct CaptureSettings: Hashable, Sendable {
    var limits = CaptureLimits()
    var holdsAtStart = false
    /// What the history keeps; nil if there is to be none.
    var history: HistoryLimits?
    /// Signatures are checked, and replays signed anew, with these.
    var webhookSecrets = WebhookSecrets()
    /// Masks secrets in HAR files, curl commands, copied text and printed lines.
    var mask = SecretMask()

    init() {}

    init(_ settings: MergedSettings) throws(CommandError) {
        holdsAtStart = settings.flag(.hold)
        mask = try SecretMask(settings)
        if let bytes = try settings.byteSize(.captureBody) { limits.bodyBytes = bytes }
        if let bytes = try settings.byteSize(.captureMemory) { limits.memoryBytes = bytes }
        if settings.flag(.noCaptureBodies) { limits.bodyBytes = 0 }
        guard !settings.flag(.noHistory) else { return }
        var history = HistoryLimits()
        if let bytes = try settings.byteSize(.historySize) { history.bytes = bytes }
        if let seconds = try settings.age(.historyAge) { history.age = seconds }
        self.history = history
    }
}

extension SecretMask {
    init(_ settings: MergedSettings) throws(CommandError) {
        self = settings.flag(.exportSecrets) ? .off : SecretMask(fieldNames: try settings.fieldNames(.maskHeaders))
    }

    /// The mask for a command that reads no other settings.
    init(options: [Setting: SettingValue], in context: ProcessContext) throws(CommandError) {
        try self.init(try MergedSettings.some([.exportSecrets, .maskHeaders], options, in: context))
    }
}

/// How long ago, as people write it: `90s`, `30m`, `12h`, `7d`, `2w`.
struct Age {
    let seconds: Int

    /// Nil for any other text, and for more than a hundred years.
    init?(_ text: String) {
        let units = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        guard let unit = text.last.flatMap({ units[String($0)] }), let number = Int(text.dropLast()), number > 0,
            number <= 3_153_600_000 / unit
        else { return nil }
        seconds = number * unit
    }
}

/// A number of bytes as people write it: `65536`, `64KiB`, `64K`, `1 MiB`; K, M and G are powers of 1,024.
struct ByteSize {
    let bytes: Int

    /// Nil for any other text, and above 1 TiB.
    init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).filter { $0 != " " }.lowercased()
        let shifts = [
            "": 0, "b": 0, "k": 10, "kb": 10, "kib": 10, "m": 20, "mb": 20, "mib": 20, "g": 30, "gb": 30, "gib": 30,
        ]
        guard let number = Int(digits), let shift = shifts[unit], number <= (1 << 40) >> shift else { return nil }
        bytes = number << shift
    }
}

/// The settings of `tpot demo`. They do not come from the config file: the demo must run on any machine.
enum DemoSettings {
    static func resolve(
        options: [Setting: SettingValue],
        in context: ProcessContext
    ) throws(CommandError) -> DisplaySettings {
        var settings = try DisplaySettings(
            MergedSettings([
                try SettingLayer(environment: context.environment, only: DisplaySettings.names),
                try SettingLayer(source: .options, values: options),
            ])
        )
        // What the demo shows is invented.
        settings.capture.history = nil
        settings.capture.webhookSecrets = DemoSecrets.shop
        return settings
    }
}
