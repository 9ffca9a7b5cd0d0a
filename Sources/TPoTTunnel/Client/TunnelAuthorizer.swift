/// Gives what the server wants to see in `Authorization`, where that is not made from a key.
///
///     authorization() ──► attempt ──► 101 ──► accepted()
///                            │ 401
///                            ▼
///                  authorization(afterRefusal:) ──► attempt ──► …
///
/// Each refusal brings another value or an error: whoever conforms must not give the same one for ever.
package protocol TunnelAuthorizer: Sendable {
    /// The value for the first try of an attempt; nil for none.
    func authorization() async throws -> String?

    /// The server answered 401.
    /// - Parameter detail: what it said, for the user.
    /// - Returns: the value to try next.
    /// - Throws: ``ConnectFailure``, with what the user has to know.
    func authorization(afterRefusal detail: String) async throws -> String

    /// The server made a tunnel.
    func accepted() async
}
