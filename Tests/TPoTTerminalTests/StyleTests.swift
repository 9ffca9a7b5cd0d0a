import TPoTDashboard
import Testing

@testable import TPoTTerminal

@Suite struct StyleTests {
    /// On dark and on light, in the palettes of xterm, VTE, Windows and macOS.
    private static let readable: Set<RoleStyle.Color> = [.red, .green, .magenta, .brightBlue]
    /// Drawn with blocks, or with blanks.
    private static let areas: Set<StyleRole> = [
        .barHeld, .barConnect, .barSend, .barWork, .barAnswer, .qrLight, .qrDark,
    ]

    @Test func coloursAreReadableInEveryTheme() {
        for role in StyleRole.allCases where !Self.areas.contains(role) {
            let style = RoleStyle.style(of: role)
            if let background = style.background {
                #expect(style.foreground == .black && [.yellow, .cyan].contains(background), "\(role)")
            } else if let foreground = style.foreground {
                #expect(Self.readable.contains(foreground), "\(role)")
            }
        }
    }

    /// Many terminals show a bold colour as the bright one: bold black on yellow is grey on yellow.
    @Test func noRoleIsBoldAndColoured() {
        for role in StyleRole.allCases {
            let style = RoleStyle.style(of: role)
            guard style.foreground != nil || style.background != nil else { continue }
            #expect(!style.attributes.contains(.bold) && !style.attributes.contains(.dim), "\(role)")
        }
    }

    /// What changed within a line is set off on every terminal.
    @Test func changedPartsAreUnderlined() {
        for role in [StyleRole.addedPart, .removedPart] {
            #expect(RoleStyle.style(of: role).attributes.contains(.underline))
            #expect(RoleStyle.style(of: role).attributesWithoutColor.contains(.underline))
        }
    }

    @Test func aColourHasOneMeaning() {
        let meanings: [RoleStyle: Set<StyleRole>] = [
            RoleStyle(.green): [.success, .redirect, .added, .addedPart, .jsonString, .barAnswer],
            RoleStyle(.red): [.clientError, .serverError, .failure, .removed, .removedPart],
            RoleStyle(.magenta): [.replay, .jsonNumber, .jsonLiteral, .escaped],
        ]
        for (style, roles) in meanings {
            let same = StyleRole.allCases.filter { RoleStyle.style(of: $0).foreground == style.foreground }
            #expect(Set(same) == roles)
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

    /// A selected row is seen on every terminal, and its states keep their colours.
    @Test func aSelectedCellIsReversedAndKeepsItsColour() {
        let (bold, dim) = (CursesStyle.attributes(.bold), CursesStyle.attributes(.dim))
        let reverse = CursesStyle.attributes(.reverse)
        for attributes in [0, dim, bold] {
            let style = CursesStyle(attributes: attributes, pair: 3).selected
            #expect(style.pair == 3 && style.attributes & reverse != 0 && style.attributes & dim == 0)
        }
        let coloured = CursesStyle(attributes: 0, pair: 3, selectedPair: 7).selected
        #expect(coloured.pair == 7 && coloured.attributes == 0, "the colour is the background")
        #expect(CursesStyle(attributes: reverse | bold, pair: 0).selected.attributes == bold)
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
