import CNCurses
import TPoTDashboard

/// A role's style for ncurses: attributes and the number of a colour pair. All are made when the screen is opened.
struct CursesStyle {
    let attributes: attr_t
    let pair: Int16
    /// The pair in a selected row, whose background is the colour; nil if reverse video does.
    var selectedPair: Int16?

    /// The styles, indexed by the role's letter, which is ASCII.
    typealias Table = [CursesStyle]

    /// - Parameter useColors: false if the user wants no colours.
    static func table(useColors: Bool) -> Table {
        let hasColors = useColors && has_colors() && start_color() == OK
        if hasColors { use_default_colors() }
        var pairs = Pairs()
        var table = Table(repeating: CursesStyle(attributes: 0, pair: 0), count: 128)
        for role in StyleRole.allCases {
            let style = RoleStyle.style(of: role)
            let plain = CursesStyle(attributes: attributes(style.attributesWithoutColor), pair: 0)
            table[index(of: role)] = hasColors ? coloured(style, &pairs) ?? plain : plain
        }
        return table
    }

    /// Nil if the terminal does not have the colours.
    private static func coloured(_ style: RoleStyle, _ pairs: inout Pairs) -> CursesStyle? {
        guard let foreground = number(of: style.foreground), let background = background(style.background) else {
            return nil
        }
        let attributes = attributes(style.attributes)
        if foreground == -1, background == -1 { return CursesStyle(attributes: attributes, pair: 0) }
        guard let pair = pairs.number(of: foreground, on: background) else { return nil }
        guard background == -1, let color = style.foreground else {
            return CursesStyle(attributes: attributes, pair: pair)
        }
        // Reverse video would write in the terminal's background colour, which may be too near to the colour.
        let onColor = color == .red ? RoleStyle.Color.white : .black
        return CursesStyle(
            attributes: attributes,
            pair: pair,
            selectedPair: pairs.number(of: onColor.rawValue, on: foreground)
        )
    }

    /// The colour pairs that are in use.
    private struct Pairs {
        private var pairs: [[Int16]] = []

        /// Nil if the terminal has no more pairs.
        mutating func number(of foreground: Int16, on background: Int16) -> Int16? {
            let colors = [foreground, background]
            if !pairs.contains(colors), pairs.count + 1 < Int(tpot_color_pairs()) {
                pairs.append(colors)
                init_pair(Int16(pairs.count), foreground, background)
            }
            return pairs.firstIndex(of: colors).map { Int16($0 + 1) }
        }
    }

    static func index(of role: StyleRole) -> Int {
        Int(role.letter.asciiValue ?? 0) & 0x7f
    }

    /// The style in a selected row. Dim text would make the row patchy. A role that is in reverse already is set off by not
    /// being it.
    var selected: CursesStyle {
        let plain = attributes & ~tpot_dim
        if let selectedPair { return CursesStyle(attributes: plain, pair: selectedPair) }
        return CursesStyle(attributes: plain ^ tpot_reverse, pair: pair)
    }

    /// Nil if the terminal has only the eight dark colours, and this is a bright one: bold would not make it bright on all
    /// of them.
    private static func number(of color: RoleStyle.Color?) -> Int16? {
        guard let color else { return -1 }
        return color.rawValue >= 8 && tpot_colors() < 16 ? nil : color.rawValue
    }

    /// As a background, the dark colour does as well.
    private static func background(_ color: RoleStyle.Color?) -> Int16? {
        number(of: color) ?? color.map { $0.rawValue - 8 }
    }

    static func attributes(_ attributes: RoleStyle.Attributes) -> attr_t {
        var result: attr_t = 0
        if attributes.contains(.bold) { result |= tpot_bold }
        if attributes.contains(.dim) { result |= tpot_dim }
        if attributes.contains(.italic) { result |= tpot_italic }
        if attributes.contains(.reverse) { result |= tpot_reverse }
        if attributes.contains(.underline) { result |= tpot_underline }
        return result
    }
}
