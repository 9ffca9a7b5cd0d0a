import TPoTWire

/// The contents of `tokens.json`: those of the original client, which keeps what it does not know, and beside them for
/// which server each login was made.
///
///     { "ISSUER\nCLIENT\nSCOPES": { "accessToken": …, "refreshToken": …, "expiresAt": MILLISECONDS },
///       "servers": { "https://tpot.example.com": "ISSUER\nCLIENT\nSCOPES" } }
///
/// A token goes only to a server that somebody logged in for: otherwise any server could collect those of others by
/// announcing their provider and client.
package struct TokenDocument: Hashable, Sendable {
    private static let servers = "servers"

    private(set) var object = JSONObject()

    init(_ object: JSONObject = JSONObject()) {
        self.object = object
    }

    /// What was logged in for with this server.
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

    /// Takes out what was logged in for with this server.
    /// - Returns: the servers that this concerns, of the same login; empty when there was none.
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
