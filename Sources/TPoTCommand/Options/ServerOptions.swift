import ArgumentParser
import TPoTTunnel

/// Options that only `tpot server` has.
struct ServerOptions: NamedOptions {
    @Option(
        help: ArgumentHelp(
            "The base domains. Tunnels are their subdomains. Environment: DOMAIN.",
            valueName: "domain[,domain…]"
        )
    )
    var domain: String?

    @Option(help: ArgumentHelp("The port to listen on, or 0 for any free port. Environment: PORT. (default: 3000)"))
    var port: String?

    @Option(help: ArgumentHelp("The address to listen on. Environment: BIND. (default: 0.0.0.0)", valueName: "address"))
    var bind: String?

    @Option(
        help: ArgumentHelp(
            "A proxy in front of the server, or a network of proxies, whose X-Forwarded-For is trusted. Can be"
                + " repeated. Environment: TRUST_PROXY.",
            valueName: "cidr[,cidr…]"
        )
    )
    var trustProxy: [String] = []

    @Option(
        help: ArgumentHelp(
            "How many tunnels one address may have at a time. Environment: MAX_TUNNELS. (default:"
                + " \(TunnelServerConfiguration.defaultMaximumTunnels))",
            valueName: "number"
        )
    )
    var maxTunnels: String?

    @Option(
        help: ArgumentHelp(
            "Names that no client can have, instead of the usual ones (\(ReservedNames.usualText)). `none`"
                + " reserves nothing. Environment: RESERVED_NAMES.",
            valueName: "name[,name…]"
        )
    )
    var reservedNames: String?

    var given: [String] {
        let texts = [
            ("--domain", domain), ("--port", port), ("--bind", bind), ("--trust-proxy", trustProxy.first),
            ("--max-tunnels", maxTunnels), ("--reserved-names", reservedNames),
        ]
        return texts.compactMap { $1 == nil ? nil : $0 }
    }
}
