import TPoTDashboard
import TPoTLogin
import TPoTSystem
import TPoTWire

/// Reads a secret that stands in a file or comes on standard input.
enum SecretReader {
    /// The key that client and server share.
    case key
    /// What is sent as `Bearer`.
    case accessToken

    private var noun: String { self == .key ? "key" : "token" }

    /// Bytes of a file that are looked at; longer ones hold no such secret.
    private var maximumLength: Int { self == .key ? 4096 : 16_384 }

    /// `name` is how the user named the file: `--auth-key-file`.
    func read(_ path: String, named name: String, in context: ProcessContext) throws(CommandError) -> String {
        let place = path == "-" ? "standard input" : path
        let text: String
        do throws(FileError) {
            text =
                path == "-"
                ? try context.readStandardInputLine(self == .key ? "Key: " : "Token: ", maximumLength)
                : try FileSystem.text(of: path, limit: maximumLength)
        } catch {
            throw CommandError(.badConfig, "\(name): cannot read the \(noun) from \(place): \(error.reason)")
        }
        // Editors leave a byte order mark, and people blanks and empty lines, that nobody sees.
        let lines = text.split(whereSeparator: \.isNewline).map(Self.trimmed).filter { !$0.isEmpty }
        guard lines.count == 1, let secret = lines.first else {
            let found = lines.isEmpty ? "it is empty" : "it has \(lines.count) lines"
            throw CommandError(
                .badConfig,
                "\(name): no \(noun) in \(place): \(found), but a \(noun) stands alone on one line"
            )
        }
        if let reason = reasonUnusable(secret) { throw CommandError(.badConfig, "\(name): \(place): \(reason)") }
        return secret
    }

    private static func trimmed(_ line: Substring) -> String {
        let isBlank: (Unicode.Scalar) -> Bool = { $0 == "\u{feff}" || $0.properties.isWhitespace }
        let scalars = line.unicodeScalars.drop(while: isBlank)
        guard let last = scalars.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(scalars[...last])
    }

    /// Secrets are compared byte for byte: a stray control character would only show as "not authorised".
    func reasonUnusable(_ secret: String) -> String? {
        if secret.isEmpty { return "the \(noun) is empty" }
        if secret.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) { return "the \(noun) holds a control character" }
        if self == .accessToken, !LoginTokens.isToken(secret) { return "a token holds no blanks, and only ASCII" }
        return nil
    }
}
