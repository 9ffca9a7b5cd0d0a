import TPoTCapture
import TPoTInspect

/// Handles keys while the last line asks for something.
enum PromptUpdate {
    static let largestCount = 1000

    static func type(_ key: Key, _ state: inout DashboardState, _ model: DashboardModel) -> [DashboardCommand] {
        if case .palette = state.prompt { return PaletteUpdate.type(key, &state, model) }
        guard let prompt = state.prompt, var field = prompt.field else { return [] }
        switch key {
        case .escape:
            cancel(prompt, &state)
            return []
        case .enter:
            return answer(prompt, field.text, &state, model)
        case .backspace where field.isEmpty:
            cancel(prompt, &state)
            return []
        default: break
        }
        guard field.take(key) else {
            guard case .filter = prompt else { return [] }
            return act(key, in: field, &state, model)
        }
        switch prompt {
        case .filter:
            state.prompt = .filter(field)
            if field.text != state.filter.text { state.recall = nil }
            state.filter = CaptureFilter(field.text)
        case .search:
            state.prompt = .search(field)
            SearchUpdate.type(field.text, &state, model)
        case .hold: state.prompt = .hold(field)
        case .refusal(let number, _): state.prompt = .refusal(number, field)
        case .replayCount(let number, _): state.prompt = .replayCount(number, field)
        case .palette, .copy, .save, .confirm: break
        }
        return []
    }

    /// Keys that do not change the text of the filter. The list can be scrolled meanwhile.
    private static func act(
        _ key: Key,
        in field: TextField,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) -> [DashboardCommand] {
        let own = KeyBindings.action(for: key, in: .typing)
        guard let action = own ?? KeyBindings.action(for: key, in: .requests) else { return [] }
        switch action {
        case .olderFilter, .newerFilter: FilterUpdate.recall(action, from: field, &state)
        case .keepFilter: return FilterUpdate.keep(field.text, &state, model)
        case .pageUp, .pageDown, .wheelUp, .wheelDown: MoveUpdate.move(action, key, &state, model)
        default: break
        }
        return []
    }

    private static func cancel(_ prompt: DashboardPrompt, _ state: inout DashboardState) {
        state.prompt = nil
        state.recall = nil
        switch prompt {
        case .filter: state.filter = .all
        case .search: state.detail?.search = nil
        case .palette, .hold, .refusal, .replayCount, .copy, .save, .confirm: break
        }
    }

    private static func answer(
        _ prompt: DashboardPrompt,
        _ text: String,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) -> [DashboardCommand] {
        switch prompt {
        case .filter: return FilterUpdate.use(text, &state)
        case .search:
            state.prompt = nil
            if text.isEmpty { state.detail?.search = nil } else { SearchUpdate.finish(&state, model) }
        case .hold: return HoldUpdate.hold(text, &state, model)
        case .refusal(let number, _): return HoldUpdate.refuse(number, text, &state, model)
        case .replayCount(let number, _):
            guard let count = Int(text.filter { $0 != " " }), 1...largestCount ~= count else {
                let message = DashboardMessage("a number from 1 to \(largestCount), please", isFailure: true)
                state.show(message, at: model.now.monotonic)
                return []
            }
            state.prompt = nil
            return ExchangeUpdates.replay(number, count: count, &state, model)
        case .palette, .copy, .save, .confirm: break
        }
        return []
    }

    // MARK: Copying

    static func copy(
        _ action: KeyAction?,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) -> [DashboardCommand] {
        guard case .copy(let number) = state.prompt else { return [] }
        state.prompt = nil
        if action == .copyURL || action == .copyPublicURL {
            guard let url = model.source.tunnel.url else {
                state.show(DashboardMessage("there is no public URL yet", isFailure: true), at: model.now.monotonic)
                return []
            }
            guard action == .copyURL, let exchange = number.flatMap({ model.source.detail($0) })?.exchange else {
                return [.copy(.url(url, of: nil))]
            }
            return [.copy(.url(RawText.url(of: exchange, at: url), of: exchange.number))]
        }
        guard let number else {
            let isWanted = action == .copyCurl || action == .copyBody || action == .copyHead
            if isWanted { state.show(DashboardMessage("no request is selected"), at: model.now.monotonic) }
            return []
        }
        switch action {
        case .copyCurl: return [.copy(.curl(number))]
        case .copyBody: return [.copy(.body(number, ofResponse: state.detail?.tab == .response))]
        case .copyHead: return [.copy(.head(number, ofResponse: state.detail?.tab == .response))]
        default: return []
        }
    }
}
