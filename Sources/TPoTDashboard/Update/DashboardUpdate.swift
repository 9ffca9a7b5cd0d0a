import NIOCore

/// Applies a key or a message to the state and returns the commands that follow from it. It has no other effects.
package enum DashboardUpdate {
    package static func update(
        _ state: inout DashboardState,
        _ input: DashboardInput,
        _ model: DashboardModel
    ) -> [DashboardCommand] {
        switch input {
        case .message(let message):
            if message.isFailure { state.awaitedReplay = nil }
            state.show(message, at: model.now.monotonic)
            return []
        case .key(.resize(let width, let height)):
            state.size = ScreenSize(width: width, height: height)
            return []
        case .key(.resumed):
            return [.redraw]
        case .key(.terminate):
            return [.quit(.terminate)]
        case .key(.hangUp):
            return [.quit(.hangUp)]
        case .key(let key):
            return press(key, &state, model)
        }
    }

    private static func press(
        _ key: Key,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) -> [DashboardCommand] {
        state.message = nil
        let context = state.context
        let action = KeyBindings.action(for: key, in: context)
        if let command = action.flatMap(command) { return [command] }
        switch context {
        case .typing: return PromptUpdate.type(key, &state, model)
        case .copying: return PromptUpdate.copy(action, &state, model)
        case .saving: return SaveUpdate.choose(action, &state)
        case .columns: return ColumnUpdate.choose(action, &state)
        case .confirming: return ConfirmationUpdate.answer(action, &state)
        case .overlay:
            state.overlay = nil
            return []
        default: break
        }
        guard let action else { return [] }
        if context == .comparison, ComparisonUpdate.actions.contains(action) {
            ComparisonUpdate.act(action, &state, model)
            return []
        }
        switch action {
        case .up, .down, .pageUp, .pageDown, .halfPageUp, .halfPageDown, .top, .bottom, .wheelUp, .wheelDown,
            .nextExchange, .previousExchange:
            MoveUpdate.move(action, key, &state, model)
            return []
        case .click, .release: return MouseUpdate.take(action, key, &state, model)
        case .widenList: state.moveDivider(by: 1)
        case .widenDetail: state.moveDivider(by: -1)
        case .zoomIn: state.zoom = min(state.zoom + 1, 12)
        case .zoomOut: state.zoom = max(state.zoom - 1, -20)
        case .palette: state.prompt = .palette(PaletteState())
        case .inspect: MoveUpdate.inspect(&state, model)
        case .back: back(&state)
        case .leave: return back(&state) ? [] : ConfirmationUpdate.leave(&state, model)
        case .failedOnly: FailedOnly.toggle(&state)
        case .nextTab: MoveUpdate.switchTab(by: 1, &state)
        case .previousTab: MoveUpdate.switchTab(by: -1, &state)
        case .nextPane: MoveUpdate.switchPane(by: 1, &state)
        case .previousPane: MoveUpdate.switchPane(by: -1, &state)
        case .tab(let number): MoveUpdate.switchTab(to: number, &state)
        case .freeze:
            let isFrozen = state.freeze != nil
            state.freeze = isFrozen ? nil : model.withSnapshot { FrozenPicture($0, state.query) }
        case .hold where model.facts.opened != nil, .holdMatching where model.facts.opened != nil:
            state.show(DashboardMessage("there is no tunnel to hold", isFailure: true), at: model.now.monotonic)
        case .hold:
            // The tunnel reports the hold a little later. A second press before that must still undo the first.
            let wanted = !(state.askedHold ?? model.source.tunnel.isHolding)
            state.askedHold = wanted
            return [.hold(wanted)]
        case .holdMatching: return HoldUpdate.askOrRelease(&state, model)
        case .help: state.overlay = .help(0)
        case .sort: state.sort(RequestTableView.next(after: state.order), model)
        case .chooseColumns: state.overlay = .columns(0)
        case .keptFilter(let key): FilterUpdate.show(key, &state, model)
        case .keepFilter: return FilterUpdate.keep(state.filter.text, &state, model)
        case .filter: state.prompt = .filter(TextField(state.filter.text))
        case .search: state.prompt = .search(TextField())
        case .searchNext: SearchUpdate.next(&state, model)
        case .searchPrevious: SearchUpdate.previous(&state, model)
        case .bodyMode: SearchUpdate.changeMode(&state)
        case .foldHeaders: SearchUpdate.foldHeaders(&state, model)
        case .foldNode: SearchUpdate.foldNode(&state, model)
        case .foldAll: SearchUpdate.foldAll(&state, model)
        default: return ExchangeUpdates.act(action, &state, model)
        }
        return []
    }

    /// The command of an action that means the same in every context.
    private static func command(_ action: KeyAction) -> DashboardCommand? {
        switch action {
        case .quit: .quit(.quit)
        case .suspend: .suspend
        case .redraw: .redraw
        default: nil
        }
    }

    /// Goes one step back: closes the topmost open thing, or clears the filter if nothing is open.
    /// - Returns: false if there was nothing to go back from.
    @discardableResult
    private static func back(_ state: inout DashboardState) -> Bool {
        if state.overlay != nil {
            state.overlay = nil
        } else if state.comparison != nil {
            state.comparison = nil
        } else if let detail = state.detail {
            if detail.isFull, state.layout.hasSplit {
                state.detail?.isFull = false
            } else {
                state.detail = nil
                // The list gets taller, so rows that the smaller list had pushed out become visible again.
                if detail.listWasAtTop { state.requests.isAtTop = true }
            }
        } else if state.chosen != nil {
            state.chosen = nil
        } else if state.list.hasRequests, !state.expandedBatches.isEmpty {
            state.expandedBatches = []
        } else if state.list.hasRequests, state.order != .newestFirst {
            state.order = .newestFirst
        } else if state.list.hasRequests, !state.filter.text.isEmpty {
            state.filter = .all
        } else {
            return false
        }
        return true
    }
}
