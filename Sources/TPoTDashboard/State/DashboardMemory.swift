/// What the dashboard remembers from one run to the next: hidden columns, kept filters and the filters used last.
package struct DashboardMemory: Hashable, Sendable {
    /// The keys on which filters are kept.
    package static let keys = 5...9
    package static let historyLimit = 50
    /// The longest filter that is remembered, in Unicode scalars.
    package static let longestFilter = 500

    package private(set) var hiddenColumns: Set<RequestColumn> = []
    package private(set) var filters: [Int: String] = [:]
    /// The filters used last, the newest first.
    package private(set) var history: [String] = []

    package init() {}

    /// Leaves out what cannot be remembered.
    package init(hiddenColumns: some Sequence<RequestColumn>, filters: [Int: String], history: some Sequence<String>) {
        self.hiddenColumns = Set(hiddenColumns.filter(\.canBeHidden))
        self.filters = filters.filter { Self.keys ~= $0.key && Self.canKeep($0.value) }
        var seen: Set<String> = []
        self.history = Array(
            history.lazy.filter { Self.canKeep($0) && seen.insert($0).inserted }.prefix(Self.historyLimit)
        )
    }

    /// A change, made here and in the file. Another tpot may have changed the file meanwhile, so it is the change that
    /// is written and not the whole.
    package enum Change: Hashable, Sendable {
        case used(String)
        case kept(String, key: Int)
        /// The filter is not kept any more.
        case freed(String)
        case hidden(RequestColumn, Bool)
    }

    package mutating func apply(_ change: Change) {
        switch change {
        case .used(let text):
            guard Self.canKeep(text) else { return }
            history.removeAll { $0 == text }
            history.insert(text, at: 0)
            history = Array(history.prefix(Self.historyLimit))
        case .kept(let text, let key):
            if Self.keys ~= key, Self.canKeep(text) { filters[key] = text }
        case .freed(let text): filters = filters.filter { $0.value != text }
        case .hidden(let column, let isHidden):
            if !isHidden { hiddenColumns.remove(column) } else if column.canBeHidden { hiddenColumns.insert(column) }
        }
    }

    /// The key on which a filter is kept.
    func key(of text: String) -> Int? { Self.keys.first { filters[$0] == text } }

    /// The key on which the next filter is kept; nil if all are taken.
    package var nextKey: Int? { Self.keys.first { filters[$0] == nil } }

    /// A blank filter shows everything, and a very long one is a mistake.
    package static func canKeep(_ text: String) -> Bool {
        text.contains { $0 != " " } && text.unicodeScalars.count <= longestFilter
    }
}

/// A walk through the filters used last, from the prompt.
struct FilterRecall: Hashable, Sendable {
    /// What was typed before the walk.
    let typed: String
    private let older: [String]
    /// How far back; 0 is what was typed.
    private var place = 0

    init(from typed: String, _ memory: DashboardMemory) {
        self.typed = typed
        older = memory.history.filter { $0 != typed }
    }

    /// Goes one filter back in time, or forth again.
    mutating func move(_ action: KeyAction) -> String {
        place = min(max(place + (action == .olderFilter ? 1 : -1), 0), older.count)
        return place == 0 ? typed : older[place - 1]
    }
}
