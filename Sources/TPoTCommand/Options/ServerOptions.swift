import ArgumentParser
import TPoTTunnel

/// What only `tpot server` has.
struct ServerOptions: NamedOptions {
    @Option(
        help: ArgumentHelp(
            "The base domains; tunnels are their subdomains. Also DOMAIN.",
            valueName: "domain[,domain…]"
        )
    )
    var domain: String?

    @Option(help: ArgumentHelp("The port to listen on, 0 for any free one. Also PORT. (default: 3000)"))
    var port: String?

    @Option(help: ArgumentHelp("The address to listen on. Also BIND. (default: 0.0.0.0)", valueName: "address"))
    var bind: String?

    @Option(
        help: ArgumentHelp(
            "A proxy in front of the server, or a network of them, whose X-Forwarded-For names the client. May be"
                + " repeated. Also TRUST_PROXY.",
            valueName: "cidr[,cidr…]"
        )
    )
    var trustProxy: [String] = []

    @Option(
        help: ArgumentHelp(
            "Tunnels that one address may have at a time. Also MAX_TUNNELS. (default:"
                + " \(TunnelServerConfiguration.defaultMaximumTunnels))",
            valueName: "number"
        )
    )
    var maxTunnels: String?

    @Option(
        help: ArgumentHelp(
            "Names that no client gets, in place of the usual ones (\(ReservedNames.usualText)); none for none."
                + " Also RESERVED_NAMES.",
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
