/// All that `tpot demo` needs to know. It does without a config file: it must run anywhere.
struct DemoSettings: Hashable, Sendable {
    var showsDashboard = true
    var logFormat: LogFormat = .text
    var debug = false

    static func resolve(
        options: [Setting: SettingValue],
        in context: ProcessContext
    ) throws(CommandError) -> DemoSettings {
        let settings = MergedSettings([
            try SettingLayer(environment: context.environment, only: [.noUi, .logFormat, .debug]),
            try SettingLayer(source: .options, values: options),
        ])
        return DemoSettings(
            showsDashboard: !settings.flag(.noUi),
            logFormat: try settings.logFormat(),
            debug: settings.flag(.debug)
        )
    }
}
