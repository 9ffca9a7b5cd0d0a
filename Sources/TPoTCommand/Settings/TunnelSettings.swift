import TPoTLogin
import TPoTTunnel
import TPoTWire

/// All that `tpot http` needs to know, checked.
struct TunnelSettings: Hashable, Sendable, WarningSettings {
    var target: TargetAddress
    /// Nil for the embedded server.
    var server: ServerAddress?
    var authKey: String?
    /// Given instead of a login.
    var accessToken: String?
    var login = LoginSettings()
    /// The name asked for; nil for one drawn at random.
    var subdomain: Subdomain?
    var hostRewrite: HostRewrite = .target
    /// Whether X-Forwarded-For, -Proto and -Host are added to requests.
    var addsForwardedHeaders = false
    /// Whether the certificate of an `https` target is taken as it is.
    var trustsAnyTarget = false
    /// PEM file with the authorities for the target's certificate; nil for the system's.
    var targetCAFile: String?
    /// PEM file with the authorities for the server's certificate; nil for the system's.
    var serverCAFile: String?
    /// Whether a lost connection to the server is made again.
    var reconnects = true
    /// Whether a first connection that fails is tried again.
    var waitsForServer = false
    var display = DisplaySettings()
    var warnings: [String] = []

    /// - Parameters:
    ///   - options: what stood on the command line.
    ///   - configFile: the value of `--config`.
    static func resolve(
        target: String,
        options: [Setting: SettingValue],
        configFile: String?,
        in context: ProcessContext
    ) throws(CommandError) -> TunnelSettings {
        let address: TargetAddress
        do throws(AddressError) {
            address = try TargetAddress(target)
        } catch {
            throw CommandError(.usage, FailureText.text(error))
        }
        let file = try ConfigFile.load(configFile, in: context)
        let settings = try MergedSettings.all(file, options, in: context)
        let server = settings.flag(.local) ? nil : try settings.server()
        let accessToken = try settings.accessToken(in: context)
        if let server, !server.isTLS, accessToken != nil {
            throw CommandError(
                .usage,
                "an access token is never sent over plain http: write https://\(server.hostHeader), or leave it out"
            )
        }
        return TunnelSettings(
            target: address,
            server: server,
            authKey: try settings.authKey(in: context),
            accessToken: accessToken,
            login: try LoginSettings(settings),
            subdomain: try settings.subdomain(),
            hostRewrite: try settings.hostRewrite(),
            addsForwardedHeaders: settings.flag(.forwardedHeaders),
            trustsAnyTarget: settings.flag(.insecureTarget),
            targetCAFile: try settings.readableFile(.targetCa, in: context),
            serverCAFile: try settings.readableFile(.serverCa, in: context),
            reconnects: !settings.flag(.noReconnect),
            waitsForServer: settings.flag(.wait),
            display: try DisplaySettings(settings),
            warnings: file.warnings + SettingLayer.warnings(environment: context.environment)
        )
    }
}
