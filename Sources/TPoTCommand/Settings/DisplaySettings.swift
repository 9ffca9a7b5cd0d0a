/// How a client shows itself.
struct DisplaySettings: Hashable, Sendable {
    /// Where there is a terminal.
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

    /// The settings that it is made of.
    static let names: [Setting] = [
        .noUi, .logFormat, .debug, .hold, .captureBody, .captureMemory, .noCaptureBodies, .exportSecrets,
        .maskHeaders,
    ]
}
