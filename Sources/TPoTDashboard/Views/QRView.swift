import TPoTWire

/// The public URL as a QR code. Each cell shows two modules, as upper and lower half blocks.
enum QRView {
    /// The light modules around the code (the quiet zone). Cameras need them to find the code.
    private static let quiet = 2

    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        screen.fill(row: 0, column: 0, width: screen.width, height: screen.height)
        let url = picture.tunnel.url ?? ""
        let shown = VisibleText.text(url, limit: 300)
        guard let code = QRCode(Array(url.utf8)) else {
            return say("\(shown) is too long for a QR code", on: &screen)
        }
        let size = code.size + 2 * quiet
        let rows = (size + 1) / 2
        guard size <= screen.width, rows + 2 <= screen.height else {
            return say("the screen is too small for the QR code of \(shown)", on: &screen)
        }
        let left = (screen.width - size) / 2
        let top = (screen.height - rows - 2) / 2
        for row in 0..<rows {
            for column in 0..<size {
                let upper = isDark(code, row: row * 2 - quiet, column: column - quiet)
                let lower = isDark(code, row: row * 2 + 1 - quiet, column: column - quiet)
                let sign = upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ")
                let role: StyleRole = upper || lower ? .qrDark : .qrLight
                screen.put(sign, row: top + row, column: left + column, width: 1, role: role)
            }
        }
        let start = max(0, (screen.width - DisplayWidth.columns(shown)) / 2)
        screen.put(shown, row: top + rows, column: start, role: .url, overflow: .ellipsis)
        // A phone can read the code of a local URL but cannot open it, so the user gets a warning.
        let isLocal = leadsToThisMachine(url)
        let text = (isLocal ? "no phone can open it: it leads to this machine only; " : "") + "any key goes back"
        let column = max(0, (screen.width - text.count + 1) / 2)
        screen.put(text, row: top + rows + 1, column: column, role: isLocal ? .warning : .dim, overflow: .ellipsis)
    }

    private static func isDark(_ code: QRCode, row: Int, column: Int) -> Bool {
        guard 0..<code.size ~= row, 0..<code.size ~= column else { return false }
        return code[row, column]
    }

    /// Whether the URL's host is `localhost`, a name below it (RFC 6761, 6.3) or a loopback address.
    private static func leadsToThisMachine(_ url: String) -> Bool {
        guard let host = try? ServerAddress(url).host.lowercased() else { return false }
        return host == "localhost" || host.hasSuffix(".localhost") || host.hasPrefix("127.") || host == "::1"
    }

    private static func say(_ text: String, on screen: inout Screen) {
        let lines = DisplayText.wrapped(text, columns: max(2, screen.width - 2), atBlanks: true)
        for (index, line) in lines.enumerated() {
            screen.put(line, row: index + 1, column: 1, role: .message)
        }
    }
}
