import TPoTCapture

/// The filter for requests that did not go well. It is a word of the filter like any other, so it can be seen and edited.
enum FailedOnly {
    static let term = "is:failed"

    static func isOn(_ filter: CaptureFilter) -> Bool { words(filter).contains(term) }

    /// Adds the word, or removes it. All other words stay.
    static func toggle(_ state: inout DashboardState) {
        var words = words(state.filter)
        if words.contains(term) {
            words.removeAll { $0 == term }
        } else {
            if words.last == "" { words.removeLast() }
            words.append(term)
        }
        state.filter = CaptureFilter(words.joined(separator: " "))
        if !state.list.hasRequests { state.list = .requests }
    }

    /// Blanks are kept, because a word in quotes may have several.
    private static func words(_ filter: CaptureFilter) -> [String] {
        filter.text.isEmpty ? [] : filter.text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    }
}
