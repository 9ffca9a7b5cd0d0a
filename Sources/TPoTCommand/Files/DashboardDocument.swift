import TPoTDashboard
import TPoTWire

/// The contents of `dashboard.json`. Members that this version does not know are kept.
///
///     { "version": 1, "hiddenColumns": ["remote"], "filters": { "5": "is:failed" }, "filterHistory": ["5xx"] }
struct DashboardDocument: Hashable {
    /// The maximum size of the file in bytes. A larger one is neither read nor written.
    static let maximumLength = 65_536
    private static let version = 1

    private(set) var object: JSONObject

    /// A file that cannot be used. It is left as it is.
    enum Mistake: Error, Hashable {
        case corrupt(line: Int, reason: String)
        case newer
    }

    /// A document that is not written yet.
    init() {
        object = JSONObject()
        object["version"] = .number("\(Self.version)")
    }

    init(_ text: String) throws(Mistake) {
        let lines: [String: Int]
        do throws(JSONError) {
            (object, lines) = try JSONParser.object(text)
            if object["version"] == nil { object["version"] = .number("\(Self.version)") }
        } catch {
            throw .corrupt(line: error.line, reason: error.reason)
        }
        func check(_ name: String, _ kind: String, _ isRight: (JSONValue) -> Bool) throws(Mistake) {
            guard let value = object[name], !isRight(value) else { return }
            throw .corrupt(line: lines[name] ?? 1, reason: "\"\(name)\" must be \(kind)")
        }
        try check("version", "a whole number") { if case .number(let text) = $0 { Int(text) != nil } else { false } }
        if case .number(let text)? = object["version"], Int(text) ?? 0 > Self.version { throw .newer }
        for name in ["hiddenColumns", "filterHistory"] {
            try check(name, "a list of texts") { value in
                if case .array(let items) = value { items.allSatisfy { $0.text != nil } } else { false }
            }
        }
        try check("filters", "an object of texts") { value in
            if case .object(let object) = value { object.members.allSatisfy { $0.value.text != nil } } else { false }
        }
    }

    var memory: DashboardMemory {
        let filters = DashboardMemory.keys.map { ($0, self.filters.text("\($0)") ?? "") }
        return DashboardMemory(
            hiddenColumns: texts("hiddenColumns").compactMap(RequestColumn.init),
            filters: Dictionary(uniqueKeysWithValues: filters),
            history: texts("filterHistory")
        )
    }

    /// Makes a change that the dashboard has made for itself.
    /// - Returns: what the user must know, because the file differs from what the dashboard said.
    mutating func apply(_ change: DashboardMemory.Change) -> String? {
        switch change {
        case .used(let text):
            let history = [text] + texts("filterHistory").filter { $0 != text }
            set("filterHistory", Array(history.prefix(DashboardMemory.historyLimit)))
        case .kept(let text, let key): return keep(text, key)
        case .freed(let text):
            var filters = filters
            for member in filters.members where member.value.text == text { filters[member.name] = nil }
            object["filters"] = .object(filters)
        case .hidden(let column, let isHidden):
            let others = texts("hiddenColumns").filter { $0 != column.rawValue }
            set("hiddenColumns", others + (isHidden ? [column.rawValue] : []))
        }
        return nil
    }

    /// Keeps a filter. One that another tpot has put on the same key meanwhile is not lost.
    private mutating func keep(_ text: String, _ key: Int) -> String? {
        var filters = filters
        guard let free = filters["\(key)"] == nil ? key : memory.nextKey else {
            return "another tpot keeps filters on all of 5 to 9, so that on \(key) lasts for this run only"
        }
        filters["\(free)"] = .string(text)
        object["filters"] = .object(filters)
        return free == key ? nil : "another tpot keeps a filter on \(key), so in the next run this one is \(free)"
    }

    /// The file's text. What was used long ago makes room for the rest. Nil if even that is too long.
    var text: String? {
        var document = self
        while true {
            let text = JSONValue.object(document.object).formatted + "\n"
            if text.utf8.count <= Self.maximumLength { return text }
            let history = document.texts("filterHistory")
            guard !history.isEmpty else { return nil }
            document.set("filterHistory", history.dropLast())
        }
    }

    private var filters: JSONObject {
        if case .object(let filters)? = object["filters"] { filters } else { JSONObject() }
    }

    private func texts(_ name: String) -> [String] {
        if case .array(let items)? = object[name] { items.compactMap(\.text) } else { [] }
    }

    private mutating func set(_ name: String, _ texts: [String]) { object[name] = .array(texts.map(JSONValue.string)) }
}

extension JSONValue {
    fileprivate var text: String? {
        if case .string(let text) = self { text } else { nil }
    }
}
