import TPoTDashboard
import TPoTLogin
import TPoTSystem
import TPoTWire

/// Reads a secret from a file or from standard input.
enum SecretReader {
    /// The key that client and server share.
    case key
    /// The access token, which is sent as `Bearer`.
    case accessToken

    private var noun: String { self == .key ? "key" : "token" }

    /// The maximum size of a file in bytes. A larger file cannot be such a secret.
    private var maximumLength: Int { self == .key ? 4096 : 16_384 }

    /// - Parameter name: how the user named the file, for errors: `--auth-key-file`.
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
        // Editors leave a byte order mark, and people leave spaces and empty lines.
        // They are invisible, so they are removed.
        let lines = text.split(whereSeparator: \.isNewline).map(Self.trimmed).filter { !$0.isEmpty }
        guard lines.count == 1, let secret = lines.first else {
            let found = lines.isEmpty ? "it is empty" : "it has \(lines.count) lines"
            throw CommandError(
                .badConfig,
                "\(name): no \(noun) in \(place): \(found); the \(noun) must be alone on one line"
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

    /// Why a secret cannot be used; nil if it can. Secrets are compared byte for byte, so without this check a stray
    /// control character would only show as "not authorised".
    func reasonUnusable(_ secret: String) -> String? {
        if secret.isEmpty { return "the \(noun) is empty" }
        if secret.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            return "the \(noun) contains a control character"
        }
        if self == .accessToken, !LoginTokens.isToken(secret) {
            return "a token has only ASCII characters and no spaces"
        }
        return nil
    }
}
