import TPoTControl
import TPoTWire

/// Where other programs reach the interface of a tunnel, beside its socket.
struct ControlSettings: Hashable, Sendable {
    enum Address: Hashable, Sendable {
        /// The loopback, on the first of these ports that is free.
        case loopback(ClosedRange<Int>)
        case fixed(host: String, port: Int)
    }

    static let usualPorts = 4040...4049

    /// Nil if only by the socket.
    var address: Address?
    /// What requests to the address have to bring.
    var token: String?

    init() {}

    init(_ settings: MergedSettings, in context: ProcessContext) throws(CommandError) {
        guard settings.flag(.api) || settings.text(.apiAddress) != nil else { return }
        token = try settings.apiToken(in: context)
        guard let (host, port) = try settings.apiAddress() else {
            address = .loopback(Self.usualPorts)
            return
        }
        guard token != nil || ControlAccess.isLoopback(host.contains(":") ? "[\(host)]" : host) else {
            throw CommandError(
                .usage,
                "--api-address \(host):\(port) can be reached from other machines: set a token with --api-token-file"
            )
        }
        address = .fixed(host: host, port: port)
    }
}

extension MergedSettings {
    /// The token of the interface for other programs, from the setting itself, its file or standard input.
    func apiToken(in context: ProcessContext) throws(CommandError) -> String? {
        try secret(.accessToken, .apiToken, file: .apiTokenFile, in: context)
    }

    func apiAddress() throws(CommandError) -> (host: String, port: Int)? {
        guard let text = text(.apiAddress) else { return nil }
        let colon = text.lastIndex(of: ":")
        let host = colon.map { text[..<$0] } ?? "127.0.0.1"
        let port = ServerAddress.port(String(colon.map { text[text.index(after: $0)...] } ?? text[...]))
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let name = String(isBracketed ? host.dropFirst().dropLast() : host)
        guard let port, !name.isEmpty, isBracketed == name.contains(":"),
            name.utf8.allSatisfy({ 0x21...0x7e ~= $0 && !"[]/@".utf8.contains($0) })
        else {
            throw failure(.apiAddress, "\(text.debugDescription) is not an address; write 127.0.0.1:4040 or [::1]:4040")
        }
        return (name, port)
    }
}
