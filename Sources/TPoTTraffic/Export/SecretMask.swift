/// Hides the fields that let somebody in, where an exchange leaves this machine.
package enum SecretMask {
    /// What stands instead: visible as what it is.
    package static let text = "[masked]"

    /// Names of the fields, in lower case.
    private static let names = ["authorization", "proxy-authorization", "cookie", "set-cookie"]

    package static func hides(_ name: some Sequence<UInt8>) -> Bool {
        let name = name.map(\.lowercasedASCII)
        return names.contains { $0.utf8.elementsEqual(name) }
    }
}
