import TPoTLogin
import TPoTWire

/// All that `tpot login` and `tpot logout` need to know, checked.
struct LoginCommandSettings: Hashable, Sendable, WarningSettings {
    var server: ServerAddress
    /// PEM file with the authorities for the certificates of server and provider; nil for the system's.
    var serverCAFile: String?
    var login: LoginSettings
    var warnings: [String] = []

    /// - Parameter configFile: the value of `--config`.
    static func resolve(
        options: [Setting: SettingValue],
        configFile: String?,
        in context: ProcessContext
    ) throws(CommandError) -> LoginCommandSettings {
        let file = try ConfigFile.load(configFile, in: context)
        let settings = try MergedSettings.all(file, options, in: context)
        guard let server = try settings.server() else {
            throw CommandError(.usage, "no server; name it with --tpot-server, TPOT_SERVER or tpot config")
        }
        return LoginCommandSettings(
            server: server,
            serverCAFile: try settings.readableFile(.serverCa, in: context),
            login: try LoginSettings(settings),
            warnings: file.warnings + SettingLayer.warnings(environment: context.environment)
        )
    }
}
