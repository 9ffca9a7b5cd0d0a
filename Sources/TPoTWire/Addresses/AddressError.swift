/// Why an address of a server or a target was not taken: what was given, and what is wrong with it.
package struct AddressError: Error, Hashable, Sendable {
    package enum Role: String, Sendable {
        case server, target
    }

    package enum Problem: Hashable, Sendable {
        case empty
        /// A scheme that is not spoken here, in lower case.
        case scheme(String)
        /// User name or password before an `@`.
        case userInfo
        case path(String)
        case query
        case missingHost
        case host(String)
        /// An IPv6 address whose end cannot be told from a port.
        case unbracketedIPv6(String)
        case port(String)
        /// A port alone, which only a target may be.
        case portAlone(String)
        case socketPath(String)
    }

    package let role: Role
    /// What was given, user name and password taken out.
    package let value: String
    package let problem: Problem

    init(_ problem: Problem, in value: String, role: Role) {
        self.role = role
        self.problem = problem
        self.value = Self.withoutUserInfo(value)
    }

    private static func withoutUserInfo(_ value: String) -> String {
        guard let at = value.lastIndex(of: "@") else { return value }
        let scheme = value.firstRange(ofText: "://").map { value[..<$0.upperBound] } ?? ""
        return scheme + "…" + value[at...]
    }
}

extension StringProtocol {
    /// The first place where `text` stands. (The standard library has this for single characters only.)
    func firstRange(ofText text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            formIndex(after: &start)
        }
        return nil
    }
}
