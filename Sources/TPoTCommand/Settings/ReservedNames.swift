import TPoTWire

/// Names of tunnels that no client gets.
enum ReservedNames {
    /// Programs ask these names for settings and mail, or people take what they see there for the operator's own.
    static let usual = names([
        "admin", "api", "auth", "autoconfig", "autodiscover", "ftp", "imap", "isatap", "localhost", "login", "mail",
        "mta-sts", "ns1", "ns2", "pop", "root", "smtp", "sso", "status", "support", "webmail", "wpad", "www",
    ])

    static var usualText: String { usual.map(\.name).sorted().joined(separator: ", ") }

    /// The usual ones where nothing is given.
    static func read(_ given: GivenText?) throws(CommandError) -> Set<Subdomain> {
        guard let given else { return usual }
        if given.text.isEmpty || given.text == "none" { return [] }
        var names: Set<Subdomain> = []
        for part in given.text.split(separator: ",", omittingEmptySubsequences: false) {
            var text = part.drop { $0 == " " }
            while text.last == " " { text.removeLast() }
            guard let name = Subdomain(String(text)) else {
                throw given.failure(
                    "\(text.debugDescription) is no name of a tunnel; write letters, digits and dashes, 24 at most,"
                        + " with commas between names, or none"
                )
            }
            names.insert(name)
        }
        return names
    }

    private static func names(_ texts: [String]) -> Set<Subdomain> { Set(texts.compactMap { Subdomain($0) }) }
}
