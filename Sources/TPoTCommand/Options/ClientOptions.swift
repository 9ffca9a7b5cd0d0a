import ArgumentParser
import TPoTLogin

/// Options that describe a tunnel.
struct TunnelOptions: SettingOptions {
    @Option(
        name: [.customShort("s", allowingJoined: true), .long],
        help: ArgumentHelp("The name to ask for. Without it, the name is random.", valueName: "name")
    )
    var subdomain: String?

    @Option(
        name: [.customShort("h", allowingJoined: true), .long],
        help: ArgumentHelp("Send this Host to the target, instead of the target's own address.", valueName: "host")
    )
    var httpHost: String?

    @Flag(
        name: [.customShort("n"), .customLong("nh", withSingleDash: true), .long],
        help: "Keep the Host that the visitor sent."
    )
    var noHostRewrite = false

    @Flag(help: "Add X-Forwarded-For, -Proto and -Host to requests.")
    var forwardedHeaders = false

    @Flag(help: "Use the embedded server on this machine, even if another server is configured.")
    var local = false

    @Flag(help: "Do not check the certificate of an https:// target.")
    var insecureTarget = false

    @Option(
        help: ArgumentHelp("Check the target's certificate against the authorities in this PEM file.", valueName: "pem")
    )
    var targetCa: String?

    @Flag(help: "Exit when the connection to the server is lost.")
    var noReconnect = false

    @Flag(help: "Keep trying when the first connection to the server fails.")
    var wait = false

    @Option(
        help: ArgumentHelp(
            "An access token for a server that requires a login. Other users can see it in the process list.",
            valueName: "token"
        )
    )
    var accessToken: String?

    @Option(help: ArgumentHelp("Read the access token from a file, or from standard input.", valueName: "path|-"))
    var accessTokenFile: String?

    @Flag(
        help: """
            Let programs on this machine look at the tunnel and control it, on 127.0.0.1:4040 or the next free port. \
            Every local user can read it.
            """
    )
    var api = false

    @Option(
        help: ArgumentHelp("The same on this address. Beyond the loopback a token is needed.", valueName: "host:port")
    )
    var apiAddress: String?

    @Option(
        help: ArgumentHelp(
            "What requests to the API have to bring as Authorization: Bearer …. Other users can see it in the process list.",
            valueName: "token"
        )
    )
    var apiToken: String?

    @Option(help: ArgumentHelp("Read the token of the API from a file, or from standard input.", valueName: "path|-"))
    var apiTokenFile: String?

    var settings: [Setting: SettingValue] {
        entry(.api, api) + entry(.apiAddress, apiAddress) + entry(.apiToken, apiToken)
            + entry(.apiTokenFile, apiTokenFile) + tunnelSettings
    }

    private var tunnelSettings: [Setting: SettingValue] {
        entry(.subdomain, subdomain) + entry(.httpHost, httpHost) + entry(.noHostRewrite, noHostRewrite)
            + entry(.forwardedHeaders, forwardedHeaders) + entry(.local, local)
            + entry(.insecureTarget, insecureTarget) + entry(.targetCa, targetCa)
            + entry(.noReconnect, noReconnect) + entry(.wait, wait)
            + entry(.accessToken, accessToken) + entry(.accessTokenFile, accessTokenFile)
    }
}

/// Options that say which server to use and how to reach it.
struct ConnectionOptions: SettingOptions {
    @Option(
        name: [.customShort("t", allowingJoined: true), .long],
        help: ArgumentHelp("The TPoT server: tpot.example.com, host:port or https://…", valueName: "server")
    )
    var tpotServer: String?

    @Option(
        help: ArgumentHelp(
            "Check the certificates of the server and its identity provider against the authorities in this PEM file.",
            valueName: "pem"
        )
    )
    var serverCa: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Use this config file instead of ~/.tpot/config.json.", valueName: "file")
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
        help: ArgumentHelp("The server's key. Other users can see it in the process list.", valueName: "key")
    )
    var authKey: String?

    @Option(help: ArgumentHelp("Read the key from a file, or from standard input.", valueName: "path|-"))
    var authKeyFile: String?

    var settings: [Setting: SettingValue] {
        entry(.authKey, authKey) + entry(.authKeyFile, authKeyFile)
    }
}

/// How to log in to a server that requires it. The server supplies what is not given here.
struct LoginOptions: SettingOptions {
    @Option(help: ArgumentHelp("The identity provider to log in with.", valueName: "url"))
    var oidcIssuer: String?

    @Option(help: ArgumentHelp("The client ID to log in with.", valueName: "id"))
    var oidcClientId: String?

    @Option(help: ArgumentHelp("The scopes to ask for, separated by spaces.", valueName: "scopes"))
    var oidcScopes: String?

    @Option(
        help: ArgumentHelp(
            "The local port to which the browser returns after a login. (default: any)",
            valueName: "port"
        )
    )
    var oidcCallbackPort: String?

    var settings: [Setting: SettingValue] {
        entry(.oidcIssuer, oidcIssuer) + entry(.oidcClientId, oidcClientId) + entry(.oidcScopes, oidcScopes)
            + entry(.oidcCallbackPort, oidcCallbackPort)
    }
}

/// How traffic is shown, and how much of it is kept.
struct DisplayOptions: SettingOptions {
    @Flag(help: "Print one line for each request instead of the dashboard.")
    var noUi = false

    @Flag(help: "Start with the tunnel held: visitors wait until you press `p`.")
    var hold = false

    @Option(help: ArgumentHelp("How much of each body to keep: 1MiB, 64KiB, …", valueName: "size"))
    var captureBody: String?

    @Option(help: ArgumentHelp("How much to keep in total; the oldest requests are dropped first.", valueName: "size"))
    var captureMemory: String?

    @Flag(help: "Keep no bodies.")
    var noCaptureBodies = false

    @Flag(help: "Do not keep requests in ~/.tpot/history.sqlite.")
    var noHistory = false

    @Option(help: ArgumentHelp("How large the history may get; the oldest requests go first.", valueName: "size"))
    var historySize: String?

    @Option(help: ArgumentHelp("How long the history keeps requests: 7d, 12h, …", valueName: "time"))
    var historyAge: String?

    @Flag(help: "Do not mask secrets (cookies, tokens, …) in HAR files, curl commands, copied text and printed lines.")
    var exportSecrets = false

    @Option(help: ArgumentHelp("More headers to mask, separated by commas.", valueName: "names"))
    var maskHeaders: String?

    var settings: [Setting: SettingValue] {
        entry(.noUi, noUi) + entry(.hold, hold) + entry(.captureBody, captureBody)
            + entry(.captureMemory, captureMemory) + entry(.noCaptureBodies, noCaptureBodies)
            + entry(.noHistory, noHistory) + entry(.historySize, historySize) + entry(.historyAge, historyAge)
            + entry(.exportSecrets, exportSecrets) + entry(.maskHeaders, maskHeaders)
    }
}

/// The secrets of webhooks.
struct WebhookOptions: SettingOptions {
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Check a provider's signatures with the secret in this file, and sign replays anew. Can be repeated.",
            valueName: "stripe=@file"
        )
    )
    var webhookSecret: [String] = []

    @Option(
        help: ArgumentHelp(#"The same for several: {"stripe": "whsec_…", "github": ["…", "…"]}"#, valueName: "file")
    )
    var webhookSecretsFile: String?

    var settings: [Setting: SettingValue] {
        entry(.webhookSecretsFile, webhookSecretsFile)
    }

    var given: [String] {
        (webhookSecret.isEmpty ? [] : [WebhookSettings.optionName])
            + (webhookSecretsFile == nil ? [] : [Setting.webhookSecretsFile.optionName])
    }
}

/// Options about the lines that a command prints.
struct LogOptions: SettingOptions {
    @Option(help: ArgumentHelp("The format of printed lines.", valueName: "text|json"))
    var logFormat: LogFormat?

    @Flag(name: [.customShort("d"), .long], help: "Log every step on standard error.")
    var debug = false

    var settings: [Setting: SettingValue] {
        entry(.logFormat, logFormat?.rawValue) + entry(.debug, debug)
    }
}

extension LogFormat: ExpressibleByArgument {}
