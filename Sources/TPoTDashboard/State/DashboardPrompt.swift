/// A question in the last line.
package enum DashboardPrompt: Hashable, Sendable {
    case filter(TextField)
    case search(TextField)
    /// How many times this exchange is to be replayed.
    case replayCount(UInt64, TextField)
    /// What to copy of this exchange; nil where there is none.
    case copy(UInt64?)

    var field: TextField? {
        switch self {
        case .filter(let field), .search(let field), .replayCount(_, let field): field
        case .copy: nil
        }
    }
}
