import TPoTTunnel
import TPoTWire

/// The checked settings of `tpot server`.
struct ServerSettings: Hashable, Sendable {
    /// Base domains in lower case, without port or final dot; at least one.
    var domains: [String]
    /// The address or name to listen on, without brackets.
    var bind = "0.0.0.0"
    /// 0 for any free port.
    var port = 3000
    /// At least 32 characters; nil when anyone may open tunnels.
    var authKey: String?
    /// The proxies whose X-Forwarded-For names the client.
    var trustedProxies = TrustedProxies.none
    /// How many tunnels one address may have at a time.
    var maximumTunnels = TunnelServerConfiguration.defaultMaximumTunnels
    var reservedNames = ReservedNames.usual
    var debug = false
    var logFormat: LogFormat = .text

    /// Reads `.env` in the working directory, the environment and options, in rising order of precedence.
    static func resolve(
        server: ServerOptions,
        key: KeyOptions,
        log: LogOptions,
        in context: ProcessContext
    ) throws(CommandError) -> ServerSettings {
        let options = try SettingLayer(source: .options, values: key.settings + log.settings)
        let variables = try ServerVariables(in: context)
        let logLayer = try SettingLayer(environment: variables.texts, only: [.logFormat, .debug])
        let logSettings = MergedSettings([logLayer, options])
        return ServerSettings(
            domains: try domains(.option("--domain", server.domain) ?? variables["DOMAIN"]),
            bind: try bind(.option("--bind", server.bind) ?? variables["BIND"]),
            port: try port(.option("--port", server.port) ?? variables["PORT"]),
            authKey: try authKey(MergedSettings([options]), variables, in: context),
            trustedProxies: try trustedProxies(.option("--trust-proxy", server.trustProxy) ?? variables["TRUST_PROXY"]),
            maximumTunnels: try maximumTunnels(.option("--max-tunnels", server.maxTunnels) ?? variables["MAX_TUNNELS"]),
            reservedNames: try ReservedNames.read(
                .option("--reserved-names", server.reservedNames) ?? variables["RESERVED_NAMES"]
            ),
            debug: logSettings.flag(.debug),
            logFormat: try logSettings.logFormat()
        )
    }

    private static func domains(_ given: GivenText?) throws(CommandError) -> [String] {
        guard let given else {
            throw CommandError(
                .usage,
                "no domain; give the server's base domain with --domain tpot.example.com, or as DOMAIN in the"
                    + " environment or in .env"
            )
        }
        var domains: [String] = []
        for part in given.text.split(separator: ",", omittingEmptySubsequences: false) {
            var domain = String(part.drop { $0 == " " }).lowercased()
            while domain.hasSuffix(" ") { domain.removeLast() }
            if domain.hasSuffix(".") { domain.removeLast() }
            guard ServerAddress.isDomain(domain) else {
                throw given.failure(
                    "\(part.debugDescription) is not a domain; write names without scheme, port or path, separated by"
                        + " commas, such as tpot.example.com,tunnels.example.com"
                )
            }
            if !domains.contains(domain) { domains.append(domain) }
        }
        return domains
    }

    private static func bind(_ given: GivenText?) throws(CommandError) -> String {
        guard let given else { return "0.0.0.0" }
        guard let host = ServerAddress.listeningHost(given.text) else {
            throw given.failure(
                "\(given.text.debugDescription) is not an address; write an address such as 0.0.0.0, 127.0.0.1 or ::,"
                    + " and the port with --port"
            )
        }
        return host
    }

    private static func port(_ given: GivenText?) throws(CommandError) -> Int {
        guard let given else { return 3000 }
        guard given.text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(given.text),
            (0...65_535).contains(port)
        else {
            throw given.failure(
                "\(given.text.debugDescription) is not a port; write a number from 1 to 65535, or 0 for any free one"
            )
        }
        return port
    }

    private static func trustedProxies(_ given: GivenText?) throws(CommandError) -> TrustedProxies {
        guard let given else { return .none }
        do throws(TrustedProxies.ParseError) {
            return try TrustedProxies(given.text)
        } catch {
            throw given.failure(error.description)
        }
    }

    private static func maximumTunnels(_ given: GivenText?) throws(CommandError) -> Int {
        guard let given else { return TunnelServerConfiguration.defaultMaximumTunnels }
        guard given.text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(given.text), number > 0
        else {
            throw given.failure("\(given.text.debugDescription) is not a number of tunnels; write 1 or more")
        }
        return number
    }

    private static func authKey(
        _ options: MergedSettings,
        _ variables: ServerVariables,
        in context: ProcessContext
    ) throws(CommandError) -> String? {
        if let key = try options.authKey(in: context) {
            let isTyped = options.text(.authKey) != nil
            let name = isTyped ? "--auth-key" : "--auth-key-file"
            return try longEnough(GivenText(name: name, text: key, status: isTyped ? .usage : .badConfig))
        }
        switch (variables["AUTH_KEY"], variables["AUTH_KEY_FILE"]) {
        case (let key?, let file?) where key.status == file.status:
            throw key.failure("it contradicts \(file.name); leave one out")
        case (let key?, let file) where file == nil || key.status == .usage:
            // The environment overrides .env.
            if let reason = SecretReader.key.reasonUnusable(key.text) { throw key.failure(reason) }
            return try longEnough(key)
        case (_, let file?):
            let path = context.expand(file.text, relativeTo: nil)
            let key = try SecretReader.key.read(path, named: file.name, in: context)
            return try longEnough(GivenText(name: file.name, text: key, status: .badConfig))
        default:
            return nil
        }
    }

    private static func longEnough(_ key: GivenText) throws(CommandError) -> String {
        let minimum = TunnelAuthorization.minimumKeyLength
        guard key.text.count >= minimum else {
            throw key.failure("the key has \(key.text.count) characters; a server's key needs at least \(minimum)")
        }
        return key.text
    }
}
