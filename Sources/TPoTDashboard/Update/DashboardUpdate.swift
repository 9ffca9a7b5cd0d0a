import NIOCore

/// Changes the state as a key or a message wants it, and says what the outside has to do. It does nothing itself.
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
        case .overlay:
            state.overlay = nil
            return []
        default: break
        }
        guard let action else { return [] }
        switch action {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .wheelUp, .wheelDown, .click:
            MoveUpdate.move(action, key, &state, model)
            return []
        case .inspect: MoveUpdate.inspect(&state, model)
        case .back: back(&state)
        case .nextTab: MoveUpdate.turn(by: 1, &state)
        case .previousTab: MoveUpdate.turn(by: -1, &state)
        case .tab(let number): MoveUpdate.turn(to: number, &state)
        case .freeze:
            let isFrozen = state.freeze != nil
            state.freeze = isFrozen ? nil : model.atOneMoment { FrozenPicture($0, filter: state.filter) }
        case .hold:
            // The tunnel tells a little later that it holds: pressed again meanwhile it means the opposite.
            let wanted = !(state.askedHold ?? model.source.tunnel.isHolding)
            state.askedHold = wanted
            return [.hold(wanted)]
        case .help: state.overlay = .help(0)
        case .filter: state.prompt = .filter(TextField(state.filter.text))
        case .search: state.prompt = .search(TextField())
        case .searchNext: SearchUpdate.next(&state, model)
        case .searchPrevious: SearchUpdate.previous(&state, model)
        case .bodyMode: SearchUpdate.changeMode(&state)
        default: return ExchangeUpdates.act(action, &state, model)
        }
        return []
    }

    /// What is the same everywhere.
    private static func command(_ action: KeyAction) -> DashboardCommand? {
        switch action {
        case .quit: .quit(.quit)
        case .suspend: .suspend
        case .redraw: .redraw
        default: nil
        }
    }

    /// One step back to the list, and from there to all of the list.
    private static func back(_ state: inout DashboardState) {
        if state.overlay != nil {
            state.overlay = nil
        } else if state.comparison != nil {
            state.comparison = nil
        } else if let detail = state.detail {
            if detail.isFull, state.layout.hasSplit {
                state.detail?.isFull = false
            } else {
                state.detail = nil
                // The list grows: what was pushed out of the smaller one comes back.
                if detail.listWasAtTop { state.requests.isAtTop = true }
            }
        } else if state.chosen != nil {
            state.chosen = nil
        } else if state.list == .requests {
            state.filter = .all
        }
    }
}
