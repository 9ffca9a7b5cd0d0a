import TPoTWire

/// Searches the open text, folds it, and changes the mode of its body.
enum SearchUpdate {
    /// Shows the first hit while the user is still typing.
    static func type(_ text: String, _ state: inout DashboardState, _ model: DashboardModel) {
        guard !text.isEmpty else {
            state.detail?.search = nil
            return
        }
        state.detail?.search = DocumentSearch(text)
        find(&state, model, isTyping: true) { $0.findNext(in: $1, from: $2) }
    }

    static func next(_ state: inout DashboardState, _ model: DashboardModel) {
        find(&state, model) { $0.findNext(in: $1, from: $2) }
    }

    static func previous(_ state: inout DashboardState, _ model: DashboardModel) {
        find(&state, model) { $0.findPrevious(in: $1, from: $2) }
    }

    /// The user has typed the whole text.
    static func finish(_ state: inout DashboardState, _ model: DashboardModel) {
        guard let search = state.detail?.search, search.hit == nil else { return }
        reportNotFound(search, &state, model)
    }

    private static func find(
        _ state: inout DashboardState,
        _ model: DashboardModel,
        isTyping: Bool = false,
        _ search: (inout DocumentSearch, DetailDocument, Int) -> (isFound: Bool, isWrapped: Bool)
    ) {
        guard let detail = state.detail, let reader = state.reader(model) else { return }
        guard var wanted = detail.search else {
            return state.show(DashboardMessage("no search yet: / starts one"), at: model.now.monotonic)
        }
        let document = reader.document.unfolded
        let top = reader.document.wholeIndex(of: detail.text.scroll.line)
        let outcome = search(&wanted, document, top)
        state.detail?.search = wanted
        guard outcome.isFound, let hit = wanted.hit else {
            if !isTyping { reportNotFound(wanted, &state, model) }
            return
        }
        if outcome.isWrapped {
            state.show(DashboardMessage("the search went on at the other end"), at: model.now.monotonic)
        }
        // A hit in a folded node opens it.
        if let nodes = document.nodes, let line = document.bodyLine(at: hit.line) {
            for node in nodes.around(line) where node.lines.lowerBound != line {
                state.detail?.text.folds.open(node.lines.lowerBound)
            }
        }
        guard let opened = state.reader(model) else { return }
        let line = opened.document.index(ofWhole: hit.line)
        state.detail?.text.followsEnd = false
        state.detail?.text.scroll = opened.showing(line: line, offset: hit.offset, from: detail.text.scroll)
    }

    private static func reportNotFound(
        _ search: DocumentSearch,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) {
        let text = "not found: \(VisibleText.text(search.text, limit: 60))"
        state.show(DashboardMessage(text, isFailure: true), at: model.now.monotonic)
    }

    // MARK: How the text is shown

    static func changeMode(_ state: inout DashboardState) {
        guard let mode = state.detail?.text.mode else { return }
        var text = DetailState.Text()
        switch mode {
        case .pretty: text.mode = .raw
        case .raw: text.mode = .hex
        case .hex: text.mode = .pretty
        }
        state.detail?.text = text
        // The positions of hits differ from mode to mode.
        state.detail?.search?.forgetHit()
    }

    /// Shows the headers line by line, or folds them to one line.
    static func foldHeaders(_ state: inout DashboardState, _ model: DashboardModel) {
        guard state.detail?.tab != .timing, let document = state.reader(model)?.document else { return }
        state.detail?.headersAreOpen = !document.headersAreOpen
        for tab in DetailState.Tab.allCases { state.detail?[tab].scroll = DocumentPosition() }
        state.detail?.search?.forgetHit()
    }

    static func foldNode(_ state: inout DashboardState, _ model: DashboardModel) {
        guard let text = state.detail?.text, let reader = state.reader(model) else { return }
        guard let node = reader.node(text) else { return reportNoNodes(&state, model) }
        state.detail?.text.folds.node = node
        state.detail?.text.folds.toggle(node)
        state.detail?.text.followsEnd = false
    }

    /// Folds what is one level below the outermost value, or opens everything if something is folded.
    static func foldAll(_ state: inout DashboardState, _ model: DashboardModel) {
        guard let text = state.detail?.text, let document = state.reader(model)?.document else { return }
        guard let nodes = document.nodes, !nodes.isEmpty else { return reportNoNodes(&state, model) }
        if text.folds.lines.isEmpty {
            state.detail?.text.folds.fold(nodes.topLevel.map(\.lines.lowerBound))
        } else {
            state.detail?.text.folds.openAll()
        }
        state.detail?.text.scroll = DocumentPosition()
        state.detail?.text.followsEnd = false
    }

    private static func reportNoNodes(_ state: inout DashboardState, _ model: DashboardModel) {
        state.show(DashboardMessage("only laid out JSON can be folded"), at: model.now.monotonic)
    }
}
