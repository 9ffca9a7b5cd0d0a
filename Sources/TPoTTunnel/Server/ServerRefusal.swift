import NIOCore

/// A status and its reason, from which a ``ServerAnswer`` is made.
struct ServerRefusal: Error, Hashable, Sendable {
    var status: Int
    var detail: String
    /// Seconds after which another attempt may succeed.
    var retryAfter: Int?

    init(_ status: Int, _ detail: String, retryAfter: Int? = nil) {
        self.status = status
        self.detail = detail
        self.retryAfter = retryAfter
    }

    /// The text that the client gets.
    var body: String { ServerAnswer(status: status, detail: detail).body }

    /// Whether a limit caused it. A kept name is none: its client learns when to ask again, and visitors may be waiting.
    var isCausedByALimit: Bool { status == 429 || (status == 503 && retryAfter != nil) }

    static let nameInUse = ServerRefusal(409, "subdomain is already in use")

    /// Another client lost its link to the name's tunnel and may come back.
    static func nameKept(for time: TimeAmount) -> ServerRefusal {
        let seconds = Int((time.nanoseconds + 999_999_999) / 1_000_000_000)
        let detail = "subdomain is kept for the client that had it, for \(seconds) s more"
        return ServerRefusal(409, detail, retryAfter: seconds)
    }

    static let serverStopping = ServerRefusal(503, "the server is stopping")
    /// The client reads this only if it closed just its sending side.
    static let clientGone = ServerRefusal(400, "the client closed the connection while its key was to be checked")
}

/// The refusals that our client recognizes by their text, to distinguish them from the refusals of a proxy.
extension ServerRefusal {
    /// The queue for key checks is full.
    static let busy = ServerRefusal(503, "too many clients connect at this moment", retryAfter: 1)
    /// The memory of accepted headers is full, which lasts a minute or two.
    static let memoryFull = ServerRefusal(503, "too many clients have connected within two minutes", retryAfter: 10)
    static let reservedName = ServerRefusal(403, "this name is reserved")
    static let fromPage = ServerRefusal(403, "a request with an Origin header comes from a web page")
    static let tooManyTunnels = ServerRefusal(429, "this address has as many tunnels as it may have")
    static let tooManyWrongKeys = ServerRefusal(429, "too many wrong keys from this address")

    static func tooManyTunnels(limit: Int) -> ServerRefusal {
        var refusal = tooManyTunnels
        refusal.detail += ": \(limit)"
        return refusal
    }

    static func tooManyWrongKeys(wait: TimeAmount) -> ServerRefusal {
        var refusal = tooManyWrongKeys
        let seconds = Int((wait.nanoseconds + 999_999_999) / 1_000_000_000)
        refusal.detail += ": wait \(seconds) s"
        refusal.retryAfter = seconds
        return refusal
    }

    /// Whether a text that a client read is this refusal, with or without further text in its parentheses.
    func isWorded(_ text: String) -> Bool { text.hasPrefix(body.prefix { $0 != ")" }) }
}
