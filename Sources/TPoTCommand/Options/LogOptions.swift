import ArgumentParser

/// What every command says, and how.
struct LogOptions: SettingOptions {
    @Option(help: ArgumentHelp("The form of the lines printed.", valueName: "text|json"))
    var logFormat: LogFormat?

    @Flag(name: [.customShort("d"), .long], help: "Say on standard error what happens inside.")
    var debug = false

    var settings: [Setting: SettingValue] {
        entry(.logFormat, logFormat?.rawValue) + entry(.debug, debug)
    }
}

extension LogFormat: ExpressibleByArgument {}
