/// Moves between the differences of an open comparison, and opens what is folded there.
enum ComparisonUpdate {
    /// What these keys do elsewhere, they do here with differences and folded lines.
    static let actions: Set<KeyAction> = [.searchNext, .searchPrevious, .foldNode, .foldAll, .inspect]

    static func act(_ action: KeyAction, _ state: inout DashboardState, _ model: DashboardModel) {
        guard let comparison = state.comparison, let text = state.comparedText(model) else { return }
        switch action {
        case .searchNext: move(by: 1, text, &state, model)
        case .searchPrevious: move(by: -1, text, &state, model)
        case .foldAll:
            let isAllOpen = comparison.open.count == text.foldCount
            state.comparison?.open = isAllOpen ? [] : Set(0..<text.foldCount)
        case .foldNode, .inspect:
            guard let reader = state.reader(model) else { return }
            // The first one on the screen.
            let lines = (0..<reader.height).compactMap { reader.line(atRow: $0, from: comparison.scroll) }
            guard let fold = lines.lazy.compactMap({ text.fold(atDocumentLine: $0, comparison.open) }).first else {
                return state.show(DashboardMessage("nothing is folded here"), at: model.now.monotonic)
            }
            state.comparison?.toggle(fold)
        default: break
        }
    }

    /// A click on a folded line opens it, and one on its lines folds them again.
    static func click(row: Int, _ state: inout DashboardState, _ model: DashboardModel) {
        guard let comparison = state.comparison, let text = state.comparedText(model), let reader = state.reader(model),
            let line = reader.line(atRow: row - reader.pane.rows.lowerBound, from: comparison.scroll),
            let fold = text.fold(atDocumentLine: line, comparison.open)
        else { return }
        state.comparison?.toggle(fold)
    }

    private static func move(
        by step: Int,
        _ text: ComparedText,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) {
        guard let comparison = state.comparison, let reader = state.reader(model) else { return }
        guard !text.differences.isEmpty else {
            return state.show(DashboardMessage("the two do not differ"), at: model.now.monotonic)
        }
        let next = comparison.difference.map { $0 + step } ?? (step > 0 ? 0 : text.differences.count - 1)
        guard text.differences.indices.contains(next) else {
            let end = step > 0 ? "last" : "first"
            return state.show(DashboardMessage("this is the \(end) difference"), at: model.now.monotonic)
        }
        let line = text.documentLine(of: text.differences[next], comparison.open)
        state.comparison?.difference = next
        state.comparison?.scroll = reader.showing(line: line, offset: 0, from: comparison.scroll)
    }
}

extension ComparisonState {
    mutating func toggle(_ fold: Int) {
        if open.remove(fold) == nil { open.insert(fold) }
    }
}

extension DashboardState {
    /// The laid out differences; nil if no comparison is open, or if one of the two is not kept any more.
    func comparedText(_ model: DashboardModel) -> ComparedText? {
        guard let comparison, let old = model.source.detail(comparison.original),
            let new = model.source.detail(comparison.number)
        else { return nil }
        return model.documents.comparison(old, new)
    }
}
