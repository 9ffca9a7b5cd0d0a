/// A command of the palette. Running it presses its keys, so it does what they do.
struct PaletteEntry: Hashable {
    let keys: [Key]
    /// `r`, `y c`
    let keyText: String
    let title: String
    let needs: KeyNeed

    /// The commands of a context, in the order of the key table.
    static func all(in context: KeyContext) -> [PaletteEntry] {
        var entries: [PaletteEntry] = []
        for binding in KeyBindings.groups.flatMap(\.bindings) {
            guard let (key, name) = key(of: binding) else { continue }
            if binding.contexts.contains(context) {
                add(binding.action, [key], name, context, to: &entries)
            } else if binding.contexts.contains(.copying), let copy = copyKey(in: context) {
                add(binding.action, [copy.key, key], "\(copy.name) \(name)", context, to: &entries)
            }
        }
        return entries
    }

    /// Those that a text matches, the best first: what has all of its words in key or title.
    static func matching(_ text: String, in context: KeyContext) -> [PaletteEntry] {
        let wanted = text.drop { $0 == " " }
        let words = wanted.split(separator: " ").map { $0.lowercased() }
        guard !words.isEmpty else { return all(in: context) }
        let found = all(in: context).enumerated().compactMap { place, entry in
            entry.rank(wanted, words).map { (rank: $0, place: place, entry: entry) }
        }
        return found.sorted { ($0.rank, $0.place) < ($1.rank, $1.place) }.map(\.entry)
    }

    /// Lower is better; nil if it does not match.
    private func rank(_ text: Substring, _ words: [String]) -> Int? {
        // Keys are told apart by case: `r` and `R`.
        if keyText == text { return 0 }
        let title = title.lowercased()
        guard words.allSatisfy({ title.contains($0) }) else { return nil }
        let parts = title.split { !$0.isLetter && !$0.isNumber }
        if title.hasPrefix(words[0]) { return 1 }
        return words.allSatisfy { word in parts.contains { $0.hasPrefix(word) } } ? 2 : 3
    }

    private static func add(
        _ action: KeyAction,
        _ keys: [Key],
        _ name: String,
        _ context: KeyContext,
        to entries: inout [PaletteEntry]
    ) {
        guard let title = action.title(in: context) else { return }
        entries.append(PaletteEntry(keys: keys, keyText: name, title: title, needs: action.needs))
    }

    /// The first key of a binding that is not the mouse.
    private static func key(of binding: KeyGroup.Binding) -> (key: Key, name: String)? {
        for pattern in binding.patterns {
            if case .key(let key) = pattern { return (key, pattern.name) }
        }
        return nil
    }

    private static func copyKey(in context: KeyContext) -> (key: Key, name: String)? {
        KeyBindings.groups.flatMap(\.bindings).first { $0.action == .copy && $0.contexts.contains(context) }
            .flatMap(key)
    }
}
