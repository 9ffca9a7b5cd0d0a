import TPoTWire

/// Where two JSON texts differ: by structure, so that neither blanks nor the order of members count. The items of arrays
/// are compared by their places.
struct JSONDifference {
    struct Item {
        var pointer: JSONPointer
        /// As it is written; nil if there is none.
        var old: ArraySlice<UInt8>?
        var new: ArraySlice<UInt8>?
    }

    /// The first of them.
    private(set) var items: [Item] = []
    private(set) var count = 0
    private let old: JSONTape
    private let new: JSONTape
    private let limit: Int
    private var path: [String] = []

    /// - Parameters:
    ///   - ignored: places that are not compared, with all that is in them.
    ///   - limit: the most items that are kept.
    init(_ old: JSONTape, _ new: JSONTape, ignoring ignored: [JSONPointer], limit: Int) {
        self.old = old
        self.new = new
        self.limit = limit
        compare(0, 0, ignored.map { $0.tokens[...] })
    }

    private mutating func note(_ old: Int?, _ new: Int?) {
        count += 1
        guard items.count < limit else { return }
        items.append(
            Item(pointer: JSONPointer(path), old: old.map(self.old.text), new: new.map(self.new.text))
        )
    }

    private mutating func compare(_ old: Int, _ new: Int, _ ignored: [ArraySlice<String>]) {
        guard !ignored.contains(where: \.isEmpty) else { return }
        switch (self.old.nodes[old].kind, self.new.nodes[new].kind) {
        case (.object, .object): compareMembers(old, new, ignored)
        case (.array, .array): compareItems(old, new, ignored)
        case (.string, .string):
            guard self.old.text(old) != self.new.text(new), self.old.string(old) != self.new.string(new) else { return }
            note(old, new)
        case (.word, .word) where self.old.text(old) == self.new.text(new): return
        default: note(old, new)
        }
    }

    private mutating func compareItems(_ old: Int, _ new: Int, _ ignored: [ArraySlice<String>]) {
        let (before, after) = (self.old.children(of: old), self.new.children(of: new))
        for place in 0..<max(before.count, after.count) {
            descend(
                "\(place)",
                place < before.count ? before[place] : nil,
                place < after.count ? after[place] : nil,
                ignored
            )
        }
    }

    private mutating func compareMembers(_ old: Int, _ new: Int, _ ignored: [ArraySlice<String>]) {
        let (before, after) = (members(of: old, in: self.old), members(of: new, in: self.new))
        for name in before.names { descend(Self.text(name), before.values[name], after.values[name], ignored) }
        for name in after.names where before.values[name] == nil {
            descend(Self.text(name), nil, after.values[name], ignored)
        }
    }

    private mutating func descend(_ token: String, _ old: Int?, _ new: Int?, _ ignored: [ArraySlice<String>]) {
        let ignored = ignored.filter { $0.first == token }.map { $0.dropFirst() }
        path.append(token)
        defer { path.removeLast() }
        if let old, let new { return compare(old, new, ignored) }
        if !ignored.contains(where: \.isEmpty) { note(old, new) }
    }

    /// The names in their order, each once, and their values. Of a name that is repeated the last value counts.
    private func members(
        of index: Int,
        in tape: JSONTape
    ) -> (names: [ArraySlice<UInt8>], values: [ArraySlice<UInt8>: Int]) {
        var names: [ArraySlice<UInt8>] = []
        var values: [ArraySlice<UInt8>: Int] = [:]
        for child in tape.children(of: index) {
            let name = tape.string(child)
            if values.updateValue(child + 1, forKey: name) == nil { names.append(name) }
        }
        return (names, values)
    }

    private static func text(_ name: ArraySlice<UInt8>) -> String { String(decoding: name, as: UTF8.self) }
}

/// A place in a JSON text (RFC 6901): `/items/0/id`.
package struct JSONPointer: Hashable, Sendable {
    /// Names and places of items, from the outside in; none for the whole text.
    let tokens: [String]

    init(_ tokens: [String]) {
        self.tokens = tokens
    }

    /// Nil for a text that is no pointer.
    package init?(_ text: String) {
        guard text.isEmpty || text.hasPrefix("/") else { return nil }
        var tokens: [String] = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            var token = ""
            var isEscaped = false
            for scalar in part.unicodeScalars {
                guard isEscaped else {
                    if scalar == "~" { isEscaped = true } else { token.unicodeScalars.append(scalar) }
                    continue
                }
                guard scalar == "0" || scalar == "1" else { return nil }
                token += scalar == "0" ? "~" : "/"
                isEscaped = false
            }
            guard !isEscaped else { return nil }
            tokens.append(token)
        }
        self.tokens = tokens
    }

    package var text: String {
        tokens.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
    }
}
