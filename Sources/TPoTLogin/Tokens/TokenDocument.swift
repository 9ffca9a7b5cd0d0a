import TPoTWire

/// The contents of `tokens.json`: the format of the original client, and in addition the server that each login was
/// made for. The original client keeps members that it does not know.
///
///     { "ISSUER\nCLIENT\nSCOPES": { "accessToken": …, "refreshToken": …, "expiresAt": MILLISECONDS },
///       "servers": { "https://tpot.example.com": "ISSUER\nCLIENT\nSCOPES" } }
///
/// A token goes only to a server that a user logged in for. Otherwise any server could collect the tokens of others by
/// announcing their provider and client.
package struct TokenDocument: Hashable, Sendable {
    private static let servers = "servers"

    private(set) var object = JSONObject()

    init(_ object: JSONObject = JSONObject()) {
        self.object = object
    }

    /// The account of the login for this server.
    package func account(for server: ServerAddress) -> LoginAccount? {
        accounts.text(Self.name(server)).flatMap { LoginAccount(key: $0) }
    }

    func tokens(of account: LoginAccount) -> LoginTokens? { LoginTokens(object[account.key]) }

    mutating func keep(_ tokens: LoginTokens, of account: LoginAccount, for server: ServerAddress) {
        object[account.key] = tokens.entry
        var accounts = accounts
        accounts[Self.name(server)] = .string(account.key)
        object[Self.servers] = .object(accounts)
    }

    /// Removes the login for this server.
    /// - Returns: all servers that shared this login; empty if there was none.
    package mutating func forget(_ server: ServerAddress) -> [String] {
        var accounts = accounts
        guard let key = accounts.text(Self.name(server)) else { return [] }
        let concerned = accounts.members.map(\.name).filter { accounts.text($0) == key }
        for name in concerned { accounts[name] = nil }
        object[Self.servers] = accounts.members.isEmpty ? nil : .object(accounts)
        object[key] = nil
        return concerned
    }

    private var accounts: JSONObject {
        if case .object(let accounts)? = object[Self.servers] { accounts } else { JSONObject() }
    }

    private static func name(_ server: ServerAddress) -> String { "\(server.scheme.rawValue)://\(server.hostHeader)" }
}
