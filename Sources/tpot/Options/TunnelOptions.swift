import ArgumentParser

/// What only a tunnel has.
struct TunnelOptions: SettingOptions {
    @Option(
        name: [.customShort("t", allowingJoined: true), .long],
        help: ArgumentHelp("The TPoT server: tpot.example.com, host:port or https://…", valueName: "server")
    )
    var tpotServer: String?

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

    @Option(help: ArgumentHelp("Check the server's certificate against these authorities.", valueName: "pem"))
    var serverCa: String?

    @Flag(help: "Exit when the connection to the server is lost.")
    var noReconnect = false

    @Flag(help: "Keep trying when the first connection to the server fails.")
    var wait = false

    @Option(
        name: .long,
        help: ArgumentHelp("Another config file than ~/.tpot/config.json.", valueName: "file")
    )
    var config: String?

    var settings: [Setting: SettingValue] {
        entry(.tpotServer, tpotServer) + entry(.subdomain, subdomain)
            + entry(.httpHost, httpHost) + entry(.noHostRewrite, noHostRewrite)
            + entry(.forwardedHeaders, forwardedHeaders) + entry(.local, local)
            + entry(.insecureTarget, insecureTarget) + entry(.targetCa, targetCa) + entry(.serverCa, serverCa)
            + entry(.noReconnect, noReconnect) + entry(.wait, wait)
    }

    var given: [String] {
        Setting.allCases.filter { settings[$0] != nil }.map(\.optionName) + (config == nil ? [] : ["--config"])
    }
}
