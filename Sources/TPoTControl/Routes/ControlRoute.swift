import NIOHTTP1

/// What a request asks for.
enum ControlRoute: Hashable, Sendable {
    case index
    case status
    case exchanges
    case exchange(UInt64)
    case replay(UInt64)
    case events
    case hold
    case release
    case stop
    case metrics
    // ngrok's paths.
    case agentTunnels
    case agentTunnel(String)
    case agentRequests
    case agentRequest(UInt64)
    case agentReplay
    case agentClear

    /// Finds the route, or says what there is instead.
    init(_ method: ControlMethod, _ path: String) throws(ControlRefusal) {
        let routes = try Self.routes(path)
        let method = method == .HEAD ? .GET : method
        guard let route = routes.first(where: { $0.method == method })?.route else {
            var refusal = ControlRefusal(
                .methodNotAllowed,
                "\(path) takes \(routes.map(\.method.rawValue).joined(separator: " and ")), not \(method)"
            )
            refusal.allowed = routes.map(\.method)
            throw refusal
        }
        self = route
    }

    private static func routes(_ path: String) throws(ControlRefusal) -> [(method: ControlMethod, route: ControlRoute)]
    {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true).map { ControlQuery.decoded($0) }
        switch (parts.first, parts.count) {
        case (nil, _): return [(.GET, .index)]
        case ("metrics", 1): return [(.GET, .metrics)]
        case ("v1", 2):
            switch parts[1] {
            case "status": return [(.GET, .status)]
            case "exchanges": return [(.GET, .exchanges)]
            case "events": return [(.GET, .events)]
            case "hold": return [(.POST, .hold)]
            case "release": return [(.POST, .release)]
            case "stop": return [(.POST, .stop)]
            default: break
            }
        case ("v1", 3) where parts[1] == "exchanges": return [(.GET, .exchange(try number(parts[2])))]
        case ("v1", 4) where parts[1] == "exchanges" && parts[3] == "replay":
            return [(.POST, .replay(try number(parts[2])))]
        case ("api", 2) where parts[1] == "tunnels": return [(.GET, .agentTunnels)]
        case ("api", 3) where parts[1] == "tunnels": return [(.GET, .agentTunnel(parts[2]))]
        case ("api", 3) where parts[1] == "requests" && parts[2] == "http":
            return [(.GET, .agentRequests), (.POST, .agentReplay), (.DELETE, .agentClear)]
        case ("api", 4) where parts[1] == "requests" && parts[2] == "http":
            return [(.GET, .agentRequest(try number(parts[3])))]
        default: break
        }
        throw ControlRefusal(.notFound, "there is nothing at this path; see GET /")
    }

    private static func number(_ text: String) throws(ControlRefusal) -> UInt64 {
        guard let number = UInt64(text) else {
            throw ControlRefusal(.notFound, "\(text.prefix(40).debugDescription) is not the number of a request")
        }
        return number
    }
}
