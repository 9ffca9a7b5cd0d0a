import TPoTLogin
import TPoTTunnel
import TPoTWire

/// The checked settings of `tpot http`.
struct TunnelSettings: Hashable, Sendable, WarningSettings {
    var target: TargetAddress
    /// Nil for the embedded server.
    var server: ServerAddress?
    var authKey: String?
    /// A token that the user gave instead of logging in.
    var accessToken: String?
    var login = LoginSettings()
    /// The name to ask for; nil for a random one.
    var subdomain: Subdomain?
    var hostRewrite: HostRewrite = .target
    /// Whether X-Forwarded-For, -Proto and -Host are added to requests.
    var addsForwardedHeaders = false
    /// Whether the certificate of an `https` target is accepted without a check.
    var trustsAnyTarget = false
    /// PEM file with the authorities for the target's certificate; nil for the system's.
    var targetCAFile: String?
    /// PEM file with the authorities for the server's certificate; nil for the system's.
    var serverCAFile: String?
    /// Whether the client reconnects when the connection to the server is lost.
    var reconnects = true
    /// Whether the client keeps trying when the first connection fails.
    var waitsForServer = false
    var display = DisplaySettings()
    var control = ControlSettings()
    var warnings: [String] = []

    /// - Parameters:
    ///   - options: the settings given on the command line.
    ///   - webhookSecrets: the values of `--webhook-secret`.
    ///   - configFile: the value of `--config`.
    static func resolve(
        target: String,
        options: [Setting: SettingValue],
        webhookSecrets: [String] = [],
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
        let webhooks = try WebhookSettings(settings, options: webhookSecrets, in: context)
        var display = try DisplaySettings(settings)
        display.capture.webhookSecrets = webhooks.secrets
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
            display: display,
            control: try ControlSettings(settings, in: context),
            warnings: file.warnings + SettingLayer.warnings(environment: context.environment) + webhooks.warnings
        )
    }
}
