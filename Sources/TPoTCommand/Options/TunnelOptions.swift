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
