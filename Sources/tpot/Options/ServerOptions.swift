import ArgumentParser

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

    var given: [String] {
        [("--domain", domain), ("--port", port), ("--bind", bind), ("--trust-proxy", trustProxy.first)]
            .compactMap { $1 == nil ? nil : $0 }
    }
}
