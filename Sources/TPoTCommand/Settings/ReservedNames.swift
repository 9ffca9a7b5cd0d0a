import TPoTWire

/// Tunnel names that no client can have.
enum ReservedNames {
    /// Programs look for settings and mail under these names, or people would take a page there for the operator's own.
    static let usual = names([
        "admin", "api", "auth", "autoconfig", "autodiscover", "ftp", "imap", "isatap", "localhost", "login", "mail",
        "mta-sts", "ns1", "ns2", "pop", "root", "smtp", "sso", "status", "support", "webmail", "wpad", "www",
    ])

    static var usualText: String { usual.map(\.name).sorted().joined(separator: ", ") }

    /// Parses the option or variable. Without it, the usual names are reserved.
    static func read(_ given: GivenText?) throws(CommandError) -> Set<Subdomain> {
        guard let given else { return usual }
        if given.text.isEmpty || given.text == "none" { return [] }
        var names: Set<Subdomain> = []
        for part in given.text.split(separator: ",", omittingEmptySubsequences: false) {
            var text = part.drop { $0 == " " }
            while text.last == " " { text.removeLast() }
            guard let name = Subdomain(String(text)) else {
                throw given.failure(
                    "\(text.debugDescription) is not a tunnel name; write names of at most 24 letters, digits and"
                        + " hyphens, separated by commas, or none"
                )
            }
            names.insert(name)
        }
        return names
    }

    private static func names(_ texts: [String]) -> Set<Subdomain> { Set(texts.compactMap { Subdomain($0) }) }
}
