import TPoTDashboard

/// How a role looks. The colours are the sixteen of the terminal's theme.
struct RoleStyle: Equatable {
    enum Color: Int16 {
        case black, red, green, yellow, blue, magenta, cyan, white
        case brightBlack, brightRed, brightGreen, brightYellow, brightBlue, brightMagenta, brightCyan, brightWhite
    }

    struct Attributes: OptionSet {
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

    /// Every state is also shown by a word or a symbol. Colours only make it easier to find.
    ///
    /// Dark blue is not used, because it is unreadable on black. Nor is bright black, which some themes use as
    /// background.
    static func style(of role: StyleRole) -> RoleStyle {
        switch role {
        case .plain, .fieldValue, .hexBytes, .message: RoleStyle()
        case .dim, .rule, .inactiveTab, .columnTitle, .keyLabel, .hexOffset, .jsonPunctuation: RoleStyle(.dim)
        case .title, .method, .headerBar, .keyHint, .prompt: RoleStyle(.bold)
        case .accent, .sparkline, .informational, .streaming, .fieldName, .jsonKey: RoleStyle(.cyan)
        case .marker: RoleStyle(.cyan, .bold)
        case .url: RoleStyle(.cyan, [.bold, .underline])
        case .activeTab: RoleStyle([.bold, .reverse])
        case .selectedRow: RoleStyle(.reverse)
        case .input: RoleStyle(.underline)
        case .marked: RoleStyle(.magenta, .bold)
        case .success, .added, .jsonString: RoleStyle(.green)
        case .redirect: RoleStyle(.cyan)
        case .clientError, .warning, .changed, .jsonNumber: RoleStyle(.yellow)
        case .serverError, .failure: RoleStyle(.red, .bold)
        case .removed: RoleStyle(.red)
        case .held: RoleStyle(.black, on: .yellow, withoutColor: [.bold, .reverse])
        case .frozen: RoleStyle(.black, on: .cyan, .bold, withoutColor: [.bold, .reverse])
        case .replay, .jsonLiteral: RoleStyle(.magenta)
        case .mask: RoleStyle([.dim, .reverse])
        case .escaped: RoleStyle(.magenta, withoutColor: .underline)
        case .searchHit: RoleStyle(.black, on: .yellow, withoutColor: .reverse)
        case .currentSearchHit: RoleStyle(.black, on: .magenta, .bold, withoutColor: [.bold, .reverse, .underline])
        // The code is drawn with half blocks. The half that a block leaves free must be light.
        case .qrDark: RoleStyle(.black, on: .brightWhite, withoutColor: .reverse)
        case .qrLight: RoleStyle(.brightWhite, on: .brightWhite, withoutColor: .reverse)
        }
    }

    private init(_ attributes: Attributes) {
        self.init(nil, attributes)
    }
}
