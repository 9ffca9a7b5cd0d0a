/// Converts a screen for a terminal whose locale is not UTF-8. Each symbol becomes one ASCII character, so that columns
/// stay in place.
package enum AsciiFallback {
    package static func screen(_ screen: Screen) -> Screen {
        var result = screen
        for index in result.cells.indices {
            let cell = result.cells[index]
            if cell.base.isASCII, cell.marks.isEmpty, cell.width == 1 { continue }
            // The right half of a wide character becomes a cell of its own.
            let base = cell.width == 0 ? " " : scalar(for: cell.base)
            result.cells[index] = Cell(base: base, marks: [], width: 1, role: cell.role, isSelected: cell.isSelected)
        }
        return result
    }

    package static func scalar(for scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar.isASCII { return scalar }
        switch scalar {
        case "─", "━", "═", "┄", "–", "—", "‐", "−": return "-"
        case "╌": return "~"
        case "│", "┃", "║", "╎", "┆": return "|"
        case "╵": return "'"
        case "\u{250c}"..."\u{254b}", "\u{2552}"..."\u{256c}", "\u{256d}"..."\u{2570}": return "+"
        case "…": return "~"
        case "→", "▸", "▶", "›", "»", "⇢", "↳": return ">"
        case "←", "◂", "◀", "‹", "«", "⇠": return "<"
        case "↑", "▴", "▲", "⇡": return "^"
        case "↓", "▾", "▼", "⇣": return "v"
        case "↻", "⟳", "⟲", "↺": return "@"
        case "↔", "⇄", "⇆": return "="
        case "●", "•", "★", "✱", "◆", "■", "▪": return "*"
        case "○", "◌", "☆", "◇", "□", "▫": return "o"
        case "·", "∙": return "."
        case "✓", "✔": return "+"
        case "✗", "✘", "×", "✕": return "x"
        case "⚑", "⚐": return "!"
        case "≠": return "/"
        case "⏸": return "="
        case "µ", "μ": return "u"
        case "‘", "’": return "'"
        case "“", "”": return "\""
        case "\u{a0}": return " "
        // The eight heights of a sparkline stay distinct.
        case "▁": return "_"
        case "▂": return "."
        case "▃": return ":"
        case "▄": return "-"
        case "▅": return "="
        case "▆": return "+"
        case "▇": return "*"
        // The eight widths of a bar become two.
        case "▏", "▎", "▍": return "-"
        case "█", "▀", "▌", "▐", "▓", "▋", "▊", "▉": return "#"
        // The bars of the timeline stay distinct.
        case "▒": return "="
        case "░": return ":"
        default: return "?"
        }
    }
}
