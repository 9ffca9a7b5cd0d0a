/// Provides the value of `Authorization` if that is not made from a key.
///
///     authorization() ──► attempt ──► 101 ──► accepted()
///                            │ 401
///                            ▼
///                  authorization(afterRefusal:) ──► attempt ──► …
///
/// After each refusal it gives another value or throws: an authorizer must not give the same value for ever.
package protocol TunnelAuthorizer: Sendable {
    /// The value for the first try of an attempt; nil to send none.
    /// - Throws: an ``AuthorizerError`` with what the user has to know.
    func authorization() async throws -> String?

    /// The server answered 401.
    /// - Parameter detail: the text of the refusal, for the user.
    /// - Returns: the value to try next; nil if there is no other, so that the refusal stands.
    /// - Throws: an ``AuthorizerError`` with what the user has to know.
    func authorization(afterRefusal detail: String) async throws -> String?

    /// The server made a tunnel.
    func accepted() async
}

/// Why a ``TunnelAuthorizer`` has no value to give. The client only has to know whether to try again; the program
/// around it words the error.
package protocol AuthorizerError: Error, Hashable {
    /// Whether waiting changes nothing, because a person has to act.
    var isForThePerson: Bool { get }
    /// Whether the program around the client handles the error. It may start another client; this one ends and
    /// publishes no reason.
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
