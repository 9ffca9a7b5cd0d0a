/// All that `tpot demo` needs to know. It does without a config file: it must run anywhere.
enum DemoSettings {
    static func resolve(
        options: [Setting: SettingValue],
        in context: ProcessContext
    ) throws(CommandError) -> DisplaySettings {
        try DisplaySettings(
            MergedSettings([
                try SettingLayer(environment: context.environment, only: DisplaySettings.names),
                try SettingLayer(source: .options, values: options),
            ])
        )
    }
}
