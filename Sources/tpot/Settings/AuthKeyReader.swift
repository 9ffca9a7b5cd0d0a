/// Reads a key that stands in a file or comes on standard input.
enum AuthKeyReader {
    /// Bytes of a key file that are looked at; longer ones are no keys.
    static let maximumLength = 4096

    /// `name` is how the user named the file: `--auth-key-file`.
    static func read(_ path: String, named name: String, in context: ProcessContext) throws(CommandError) -> String {
        let place = path == "-" ? "standard input" : path
        let text: String
        do throws(FileError) {
            text =
                path == "-"
                ? try context.readStandardInputLine(maximumLength)
                : try FileSystem.text(of: path, limit: maximumLength)
        } catch {
            throw CommandError(.badConfig, "\(name): cannot read the key from \(place): \(error.reason)")
        }
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.count == 1, let key = lines.first.map(String.init) else {
            let found = lines.isEmpty ? "it is empty" : "it has \(lines.count) lines"
            throw CommandError(.badConfig, "\(name): no key in \(place): \(found), but a key stands alone on one line")
        }
        if let reason = reasonUnusable(key) { throw CommandError(.badConfig, "\(name): \(place): \(reason)") }
        return key
    }

    /// Keys are compared byte for byte: a stray control character would only show as "not authorised".
    static func reasonUnusable(_ key: String) -> String? {
        if key.isEmpty { return "the key is empty" }
        if key.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) { return "the key holds a control character" }
        return nil
    }
}
