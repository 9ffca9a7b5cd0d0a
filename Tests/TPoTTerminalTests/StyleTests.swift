import TPoTDashboard
import Testing

@testable import TPoTTerminal

@Suite struct StyleTests {
    /// Blue and bright black cannot be read on every background.
    @Test func coloursAreReadableInEveryTheme() {
        for role in StyleRole.allCases {
            let style = RoleStyle.style(of: role)
            #expect(![.blue, .brightBlack].contains(style.foreground))
            // A style with a background must also set a foreground.
            if style.background != nil { #expect(style.foreground != nil) }
        }
    }

    /// A role with a background needs attributes on a terminal without colours.
    @Test func rolesWithABackgroundStandOutWithoutColours() {
        for role in StyleRole.allCases where RoleStyle.style(of: role).background != nil {
            #expect(!RoleStyle.style(of: role).attributesWithoutColor.isEmpty, "\(role)")
        }
        for role in [StyleRole.selectedRow, .activeTab] {
            #expect(RoleStyle.style(of: role).attributesWithoutColor.contains(.reverse))
        }
    }

    /// The half blocks of a QR code have a dark half and a light one.
    @Test func aQRCodeIsDarkOnLight() {
        let dark = RoleStyle.style(of: .qrDark)
        #expect(dark.foreground == .black && dark.background == .brightWhite)
        #expect(RoleStyle.style(of: .qrLight).background == dark.background)
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("ä\n", "w6QK")])
    func clipboardTextIsSentInBase64(text: String, coded: String) throws {
        let sequence = try #require(Clipboard.sequence(for: text))
        #expect(String(decoding: sequence, as: UTF8.self) == "\u{1b}]52;c;\(coded)\u{7}")
    }

    @Test func clipboardTextIsLimited() {
        #expect(Clipboard.sequence(for: String(repeating: "a", count: Clipboard.maximumBytes))?.count ?? 0 <= 100_000)
        #expect(Clipboard.sequence(for: String(repeating: "a", count: Clipboard.maximumBytes + 1)) == nil)
    }
}
