/// The palette: all commands of the place where one is, by name.
enum PaletteUpdate {
    static func type(_ key: Key, _ state: inout DashboardState, _ model: DashboardModel) -> [DashboardCommand] {
        guard case .palette(var palette) = state.prompt else { return [] }
        let entries = PaletteEntry.matching(palette.field.text, in: state.contextBelowPrompt)
        let rows = PaletteView.rows(entries.count, state.size)
        switch key {
        case .escape,
            .backspace where palette.field.isEmpty:
            state.prompt = nil
            return []
        case .enter: return run(entries, palette.selected, &state, model)
        case .up, .mouse(_, _, .wheelUp): palette.move(by: -1, of: entries.count)
        case .down, .mouse(_, _, .wheelDown): palette.move(by: 1, of: entries.count)
        case .pageUp: palette.move(by: -max(1, rows), of: entries.count)
        case .pageDown: palette.move(by: max(1, rows), of: entries.count)
        case .mouse(let row, _, .click):
            guard let place = PaletteView.place(atRow: row, entries.count, palette.selected, state.size) else {
                state.prompt = nil
                return []
            }
            return run(entries, place, &state, model)
        default:
            guard palette.field.take(key) else { return [] }
            palette.selected = 0
        }
        state.prompt = .palette(palette)
        return []
    }

    private static func run(
        _ entries: [PaletteEntry],
        _ place: Int,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) -> [DashboardCommand] {
        guard entries.indices.contains(place) else { return [] }
        state.prompt = nil
        return entries[place].keys.flatMap { DashboardUpdate.update(&state, .key($0), model) }
    }
}

/// The text in the palette and the command that enter runs.
package struct PaletteState: Hashable, Sendable {
    package var field = TextField()
    package var selected = 0

    mutating func move(by step: Int, of count: Int) {
        selected = max(0, min(selected + step, count - 1))
    }
}
