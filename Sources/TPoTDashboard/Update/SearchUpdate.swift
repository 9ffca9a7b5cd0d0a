import TPoTWire

/// Searches the open text, and changes the mode of its body.
enum SearchUpdate {
    static func start(_ text: String, _ state: inout DashboardState, _ model: DashboardModel) {
        state.detail?.search = DocumentSearch(text)
        next(&state, model)
    }

    static func next(_ state: inout DashboardState, _ model: DashboardModel) {
        find(&state, model) { $0.next(in: $1, from: $2) }
    }

    static func previous(_ state: inout DashboardState, _ model: DashboardModel) {
        find(&state, model) { $0.previous(in: $1, from: $2) }
    }

    private static func find(
        _ state: inout DashboardState,
        _ model: DashboardModel,
        _ search: (DocumentSearch, DetailDocument, Int) -> DocumentSearch.Hit?
    ) {
        guard let detail = state.detail, let reader = state.reader(model) else { return }
        guard let wanted = detail.search else {
            return state.show(DashboardMessage("no search yet: / starts one"), at: model.now.monotonic)
        }
        guard let hit = search(wanted, reader.document, detail.scroll.line) else {
            let text = "not found: \(VisibleText.text(wanted.text, limit: 60))"
            return state.show(DashboardMessage(text, isFailure: true), at: model.now.monotonic)
        }
        state.detail?.search?.hit = hit
        state.detail?.followsEnd = false
        state.detail?.scroll = reader.showing(line: hit.line, offset: hit.offset, from: detail.scroll)
    }

    static func changeMode(_ state: inout DashboardState) {
        guard let mode = state.detail?.mode else { return }
        switch mode {
        case .pretty: state.detail?.mode = .raw
        case .raw: state.detail?.mode = .hex
        case .hex: state.detail?.mode = .pretty
        }
        state.detail?.followsEnd = false
        // The positions of hits differ from mode to mode.
        state.detail?.search?.hit = nil
    }
}
