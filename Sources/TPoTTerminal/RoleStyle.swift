import TPoTDashboard

/// How a role looks. The colours are the sixteen of the terminal's theme.
struct RoleStyle: Hashable {
    enum Color: Int16 {
        case black, red, green, yellow, blue, magenta, cyan, white
        case brightBlack, brightRed, brightGreen, brightYellow, brightBlue, brightMagenta, brightCyan, brightWhite
    }

    struct Attributes: OptionSet, Hashable {
        let rawValue: UInt8

        static let bold = Attributes(rawValue: 1)
        static let dim = Attributes(rawValue: 2)
        static let italic = Attributes(rawValue: 4)
        static let reverse = Attributes(rawValue: 8)
        static let underline = Attributes(rawValue: 16)
    }

    /// Nil for the terminal's default.
    let foreground: Color?
    let background: Color?
    let attributes: Attributes
    /// The attributes on a terminal without colours. They express the same differences.
    let attributesWithoutColor: Attributes

    init(
        _ foreground: Color? = nil,
        on background: Color? = nil,
        _ attributes: Attributes = [],
        withoutColor: Attributes? = nil
    ) {
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
        attributesWithoutColor = withoutColor ?? attributes
    }

    /// The one table of roles. Each colour has one meaning:
    ///
    /// | colour | meaning |
    /// | --- | --- |
    /// | green | it went well |
    /// | red | it failed |
    /// | bright blue | it is under way |
    /// | magenta | it was sent again by the user |
    /// | black on yellow | it needs the user: held, or a warning |
    /// | black on cyan | it is about the picture, not the traffic: frozen, found by a search |
    ///
    /// Texts use the same colours for syntax: green for strings, bright blue for names, magenta for other values.
    ///
    /// - Every state also has a word or a sign. Colours only make it easier to find.
    /// - Colours are those of the terminal's theme, so they must be readable on dark and on light. As text on the default
    ///   background these are: red, green, magenta and bright blue. Blue and bright black vanish on dark, yellow, cyan and
    ///   the other bright ones on light, so they are used for areas only.
    /// - Bold never goes with a colour: many terminals replace the colour by its bright one, which turns black on yellow into
    ///   grey on yellow.
    static func style(of role: StyleRole) -> RoleStyle {
        switch role {
        case .plain, .fieldValue, .hexBytes, .message: RoleStyle()
        case .dim, .rule, .inactiveTab, .columnTitle, .keyLabel, .hexOffset, .jsonPunctuation, .latencyBar:
            RoleStyle(.dim)
        case .title, .method, .headerBar, .keyHint, .prompt, .marker, .marked, .accent: RoleStyle(.bold)
        case .url: RoleStyle([.bold, .underline])
        case .input: RoleStyle(.underline)
        case .activeTab: RoleStyle([.bold, .reverse])
        case .selectedRow, .mask: RoleStyle(.reverse)
        case .currentSearchHit: RoleStyle([.bold, .reverse, .underline])

        case .success, .redirect, .added, .jsonString: RoleStyle(.green)
        case .clientError, .serverError, .failure: RoleStyle(.red, withoutColor: .bold)
        case .removed: RoleStyle(.red)
        case .addedPart: RoleStyle(.green, .underline)
        case .removedPart: RoleStyle(.red, .underline)
        case .informational, .waiting, .streaming, .sparkline, .fieldName, .jsonKey: RoleStyle(.brightBlue)
        case .replay, .jsonNumber, .jsonLiteral: RoleStyle(.magenta)
        case .escaped: RoleStyle(.magenta, withoutColor: .underline)
        case .held: RoleStyle(.black, on: .yellow, withoutColor: [.bold, .reverse])
        case .warning, .changed: RoleStyle(.black, on: .yellow, withoutColor: .bold)
        case .frozen: RoleStyle(.black, on: .cyan, withoutColor: [.bold, .reverse])
        case .searchHit: RoleStyle(.black, on: .cyan, withoutColor: .reverse)

        case .barHeld: RoleStyle(.yellow)
        case .barConnect: RoleStyle(.cyan)
        case .barSend: RoleStyle()
        case .barWork: RoleStyle(.brightBlue)
        case .barAnswer: RoleStyle(.green)
        // The code is drawn with half blocks. The half that a block leaves free must be light.
        case .qrDark: RoleStyle(.black, on: .brightWhite, withoutColor: .reverse)
        case .qrLight: RoleStyle(.brightWhite, on: .brightWhite, withoutColor: .reverse)
        }
    }

    private init(_ attributes: Attributes) {
        self.init(nil, attributes)
    }
}
