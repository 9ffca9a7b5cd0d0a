/// Gives what the server wants to see in `Authorization`, where that is not made from a key.
///
///     authorization() ──► attempt ──► 101 ──► accepted()
///                            │ 401
///                            ▼
///                  authorization(afterRefusal:) ──► attempt ──► …
///
/// Each refusal brings another value or an error: an authorizer must not give the same one for ever.
package protocol TunnelAuthorizer: Sendable {
    /// The value for the first try of an attempt; nil for none.
    /// - Throws: an ``AuthorizerError``, with what the user has to know.
    func authorization() async throws -> String?

    /// The server answered 401.
    /// - Parameter detail: what it said, for the user.
    /// - Returns: the value to try next; nil where there is no other, so that the refusal stands.
    /// - Throws: an ``AuthorizerError``, with what the user has to know.
    func authorization(afterRefusal detail: String) async throws -> String?

    /// The server made a tunnel.
    func accepted() async
}

/// Why a ``TunnelAuthorizer`` has no value to give. The client only has to know whether to try again; the program around
/// it words the error.
package protocol AuthorizerError: Error, Hashable {
    /// Waiting changes nothing: a person has to do something.
    var isForThePerson: Bool { get }
    /// The program around the client deals with it, and may start another client: this one ends, and publishes no reason.
    var isForTheOwner: Bool { get }
}

/// An ``AuthorizerError`` of any type, for comparison.
package struct AuthorizerFailure: Hashable, Sendable {
    package let error: any AuthorizerError

    package init(_ error: any AuthorizerError) {
        self.error = error
    }

    package static func == (left: AuthorizerFailure, right: AuthorizerFailure) -> Bool {
        AnyHashable(left.error) == AnyHashable(right.error)
    }

    package func hash(into hasher: inout Hasher) { error.hash(into: &hasher) }
}
