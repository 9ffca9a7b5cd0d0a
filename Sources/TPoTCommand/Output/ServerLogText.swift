import TPoTTunnel

/// The sentences about clients in the log of `tpot server`, with the remedy.
struct ServerLogText: ServerWording {
    func forwardedForIsIgnored(of client: String) -> String {
        "X-Forwarded-For from \(client) is not believed; with --trust-proxy \(client) the addresses in it are limited and"
            + " logged"
    }

    func connectionClosed(of client: String, open: Int) -> String {
        "closed a new connection of \(client): it has \(open) open; if it is a proxy, name it with --trust-proxy"
    }
}
