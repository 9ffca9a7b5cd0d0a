import TPoTCapture

/// Filters that are kept on keys, and those used last.
enum FilterUpdate {
    /// Takes the filter that the user typed.
    static func use(_ text: String, _ state: inout DashboardState) -> [DashboardCommand] {
        state.prompt = nil
        state.recall = nil
        if !state.list.hasRequests { state.list = .requests }
        let text = trimmed(text)
        guard DashboardMemory.canKeep(text), state.memory.history.first != text else { return [] }
        return remember(.used(text), &state)
    }

    /// Shows an older filter in the prompt, or a newer one again.
    static func recall(_ action: KeyAction, from field: TextField, _ state: inout DashboardState) {
        var recall = state.recall ?? FilterRecall(from: field.text, state.memory)
        let text = recall.move(action)
        state.recall = recall
        guard text != field.text else { return }
        state.prompt = .filter(TextField(text))
        state.filter = CaptureFilter(text)
    }

    /// Keeps a filter on the next free key, or frees the key that it is on.
    static func keep(_ text: String, _ state: inout DashboardState, _ model: DashboardModel) -> [DashboardCommand] {
        func report(_ text: String, isFailure: Bool = false) {
            state.show(DashboardMessage(text, isFailure: isFailure), at: model.now.monotonic)
        }
        let text = trimmed(text)
        if let key = state.memory.key(of: text) {
            report("\(key) is free again")
            return remember(.freed(text), &state)
        }
        guard !text.isEmpty else {
            report("there is no filter to keep", isFailure: true)
            return []
        }
        guard DashboardMemory.canKeep(text) else {
            report("a filter that is kept has at most \(DashboardMemory.longestFilter) characters", isFailure: true)
            return []
        }
        guard let key = state.memory.nextKey else {
            report("all of 5 to 9 are taken: show one of them, and ctrl-s frees it", isFailure: true)
            return []
        }
        report("kept as \(key)")
        return remember(.kept(text, key: key), &state)
    }

    /// Shows what a kept filter lets through, or everything again.
    static func show(_ key: Int, _ state: inout DashboardState, _ model: DashboardModel) {
        guard let text = state.memory.filters[key] else {
            let next = state.memory.nextKey ?? key
            let hint = "no filter is kept on \(key): type one with /, and ctrl-s keeps it as \(next)"
            return state.show(DashboardMessage(hint), at: model.now.monotonic)
        }
        state.filter = state.filter.text == text ? .all : CaptureFilter(text)
        if !state.list.hasRequests { state.list = .requests }
    }

    static func remember(_ change: DashboardMemory.Change, _ state: inout DashboardState) -> [DashboardCommand] {
        state.memory.apply(change)
        return [.remember(change)]
    }

    private static func trimmed(_ text: String) -> String {
        let blanks = text.prefix { $0 == " " }.count
        var text = text.dropFirst(blanks)
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
