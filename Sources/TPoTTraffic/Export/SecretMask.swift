/// Hides the fields that let somebody in, where an exchange leaves this machine.
package enum SecretMask {
    /// What stands instead: visible as what it is.
    package static let text = "[masked]"

    /// Names of the fields, in lower case.
    private static let names = ["authorization", "proxy-authorization", "cookie", "set-cookie"]

    /// What was hidden of a head, for the user, and how to see it; nil where there is nothing.
    package static func remark(_ head: [UInt8]) -> String? {
        var hidden: [String] = []
        for field in HTTPText.fields(head) where hides(field.name) && !hidden.contains(field.nameText) {
            hidden.append(field.nameText)
        }
        guard !hidden.isEmpty else { return nil }
        return "\(hidden.joined(separator: ", ")) masked (--export-secrets leaves it in)"
    }

    package static func hides(_ name: some Sequence<UInt8>) -> Bool {
        let name = name.map(\.lowercasedASCII)
        return names.contains { $0.utf8.elementsEqual(name) }
    }
}
