/// The columns of the list of requests that the user wants to see.
enum ColumnUpdate {
    /// The columns that can be hidden, in the order of the screen.
    static let columns = RequestColumn.allCases.filter(\.canBeHidden)

    static func choose(_ action: KeyAction?, _ state: inout DashboardState) -> [DashboardCommand] {
        guard case .columns(let place) = state.overlay else { return [] }
        switch action {
        case .up: state.overlay = .columns(max(0, place - 1))
        case .down: state.overlay = .columns(min(columns.count - 1, place + 1))
        case .toggleColumn(let number): return toggle(number.map { $0 - 1 } ?? place, &state)
        case .back: state.overlay = nil
        default: break
        }
        return []
    }

    private static func toggle(_ place: Int, _ state: inout DashboardState) -> [DashboardCommand] {
        guard columns.indices.contains(place) else { return [] }
        state.overlay = .columns(place)
        let isHidden = state.memory.hiddenColumns.contains(columns[place])
        return FilterUpdate.remember(.hidden(columns[place], !isHidden), &state)
    }
}
