import CNCurses
import TPoTDashboard

/// A role's style for ncurses: attributes and the number of a colour pair. All are made when the screen is opened.
struct CursesStyle {
    let attributes: attr_t
    let pair: Int16

    /// The styles, indexed by the role's letter, which is ASCII.
    typealias Table = [CursesStyle]

    /// - Parameter useColors: false if the user wants no colours.
    static func table(useColors: Bool) -> Table {
        let hasColors = useColors && has_colors() && start_color() == OK
        if hasColors { use_default_colors() }
        var pairs: [[Int16]] = []
        var table = Table(repeating: CursesStyle(attributes: 0, pair: 0), count: 128)
        for role in StyleRole.allCases {
            let style = RoleStyle.style(of: role)
            guard hasColors else {
                table[index(of: role)] = CursesStyle(attributes: attributes(style.attributesWithoutColor), pair: 0)
                continue
            }
            guard let foreground = number(of: style.foreground), let background = background(style.background) else {
                table[index(of: role)] = CursesStyle(attributes: attributes(style.attributesWithoutColor), pair: 0)
                continue
            }
            let colors = [foreground, background]
            if colors == [-1, -1] {
                table[index(of: role)] = CursesStyle(attributes: attributes(style.attributes), pair: 0)
                continue
            }
            if !pairs.contains(colors), pairs.count + 1 < Int(tpot_color_pairs()) {
                pairs.append(colors)
                init_pair(Int16(pairs.count), colors[0], colors[1])
            }
            let pair = pairs.firstIndex(of: colors).map { Int16($0 + 1) }
            let wanted = pair == nil ? style.attributesWithoutColor : style.attributes
            table[index(of: role)] = CursesStyle(attributes: attributes(wanted), pair: pair ?? 0)
        }
        return table
    }

    static func index(of role: StyleRole) -> Int {
        Int(role.letter.asciiValue ?? 0) & 0x7f
    }

    /// The style in a selected row. Dim text would make the row patchy. A role that is in reverse already is set off by not
    /// being it.
    var selected: CursesStyle {
        CursesStyle(attributes: (attributes & ~tpot_dim) ^ tpot_reverse, pair: pair)
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

    private static func attributes(_ attributes: RoleStyle.Attributes) -> attr_t {
        var result: attr_t = 0
        if attributes.contains(.bold) { result |= tpot_bold }
        if attributes.contains(.dim) { result |= tpot_dim }
        if attributes.contains(.italic) { result |= tpot_italic }
        if attributes.contains(.reverse) { result |= tpot_reverse }
        if attributes.contains(.underline) { result |= tpot_underline }
        return result
    }
}
