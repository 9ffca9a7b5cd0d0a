import ArgumentParser
import TPoTLogin

/// What only a tunnel has.
struct TunnelOptions: SettingOptions {
    @Option(
        name: [.customShort("s", allowingJoined: true), .long],
        help: ArgumentHelp("Ask for this name; without it the server gives a random one.", valueName: "name")
    )
    var subdomain: String?

    @Option(
        name: [.customShort("h", allowingJoined: true), .long],
        help: ArgumentHelp("The value of Host for the target, instead of the target's own address.", valueName: "host")
    )
    var httpHost: String?

    @Flag(
        name: [.customShort("n"), .customLong("nh", withSingleDash: true), .long],
        help: "Leave the Host of requests as the visitor sent it."
    )
    var noHostRewrite = false

    @Flag(help: "Add X-Forwarded-For, -Proto and -Host to requests.")
    var forwardedHeaders = false

    @Flag(help: "Use an embedded server on this machine, whatever is configured.")
    var local = false

    @Flag(help: "Do not check the certificate of an https:// target.")
    var insecureTarget = false

    @Option(help: ArgumentHelp("Check the target's certificate against these authorities.", valueName: "pem"))
    var targetCa: String?

    @Flag(help: "Exit when the connection to the server is lost.")
    var noReconnect = false

    @Flag(help: "Keep trying when the first connection to the server fails.")
    var wait = false

    @Option(
        help: ArgumentHelp(
            "A token for a server that wants a login. Other users see it in the process list.",
            valueName: "token"
        )
    )
    var accessToken: String?

    @Option(help: ArgumentHelp("Read the token from a file, or from standard input.", valueName: "path|-"))
    var accessTokenFile: String?

    var settings: [Setting: SettingValue] {
        entry(.subdomain, subdomain) + entry(.httpHost, httpHost) + entry(.noHostRewrite, noHostRewrite)
            + entry(.forwardedHeaders, forwardedHeaders) + entry(.local, local)
            + entry(.insecureTarget, insecureTarget) + entry(.targetCa, targetCa)
            + entry(.noReconnect, noReconnect) + entry(.wait, wait)
            + entry(.accessToken, accessToken) + entry(.accessTokenFile, accessTokenFile)
    }
}

/// Which server is meant, and how it is reached.
struct ConnectionOptions: SettingOptions {
    @Option(
        name: [.customShort("t", allowingJoined: true), .long],
        help: ArgumentHelp("The TPoT server: tpot.example.com, host:port or https://…", valueName: "server")
    )
    var tpotServer: String?

    @Option(
        help: ArgumentHelp(
            "Check the certificates of the server and its identity provider against these authorities.",
            valueName: "pem"
        )
    )
    var serverCa: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Another config file than ~/.tpot/config.json.", valueName: "file")
    )
    var config: String?

    var settings: [Setting: SettingValue] {
        entry(.tpotServer, tpotServer) + entry(.serverCa, serverCa)
    }

    var given: [String] {
        Setting.allCases.filter { settings[$0] != nil }.map(\.optionName) + (config == nil ? [] : ["--config"])
    }
}

/// The key that client and server share.
struct KeyOptions: SettingOptions {
    @Option(
        name: [.customShort("k", allowingJoined: true), .long],
        help: ArgumentHelp("The key of the server. Other users see it in the process list.", valueName: "key")
    )
    var authKey: String?

    @Option(help: ArgumentHelp("Read the key from a file, or from standard input.", valueName: "path|-"))
    var authKeyFile: String?

    var settings: [Setting: SettingValue] {
        entry(.authKey, authKey) + entry(.authKeyFile, authKeyFile)
    }
}

/// How to log in with a server that wants it; the server names what is not given.
struct LoginOptions: SettingOptions {
    @Option(help: ArgumentHelp("The identity provider to log in at.", valueName: "url"))
    var oidcIssuer: String?

    @Option(help: ArgumentHelp("The client to log in with.", valueName: "id"))
    var oidcClientId: String?

    @Option(help: ArgumentHelp("The scopes to ask for, separated by blanks.", valueName: "scopes"))
    var oidcScopes: String?

    @Option(
        help: ArgumentHelp("The port to which the browser comes back after a login. (default: any)", valueName: "port")
    )
    var oidcCallbackPort: String?

    var settings: [Setting: SettingValue] {
        entry(.oidcIssuer, oidcIssuer) + entry(.oidcClientId, oidcClientId) + entry(.oidcScopes, oidcScopes)
            + entry(.oidcCallbackPort, oidcCallbackPort)
    }
}

/// How the traffic is shown, and how much of it is kept to be shown.
struct DisplayOptions: SettingOptions {
    @Flag(help: "Print one line for each request instead of the dashboard.")
    var noUi = false

    @Flag(help: "Start with the tunnel held: visitors wait until `p` lets them go.")
    var hold = false

    @Option(help: ArgumentHelp("Bytes kept of each body: 1MiB, 64KiB, ….", valueName: "size"))
    var captureBody: String?

    @Option(help: ArgumentHelp("Bytes kept in all; the oldest requests go first.", valueName: "size"))
    var captureMemory: String?

    @Flag(help: "Keep no bodies.")
    var noCaptureBodies = false

    @Flag(help: "Leave secrets in HAR files, curl commands, copies and lines: cookies, authorization, tokens, ….")
    var exportSecrets = false

    @Option(help: ArgumentHelp("More headers that are secret, with commas between names.", valueName: "names"))
    var maskHeaders: String?

    var settings: [Setting: SettingValue] {
        entry(.noUi, noUi) + entry(.hold, hold) + entry(.captureBody, captureBody)
            + entry(.captureMemory, captureMemory) + entry(.noCaptureBodies, noCaptureBodies)
            + entry(.exportSecrets, exportSecrets) + entry(.maskHeaders, maskHeaders)
    }
}

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
