/// A row of the key table: keys that belong together.
package struct KeyGroup: Sendable {
    package struct Binding: Sendable {
        package let patterns: [KeyPattern]
        package let action: KeyAction
        package let contexts: KeyContext
    }

    /// A key in the help bar.
    package struct Hint: Sendable {
        package let key: String
        package let label: String
        package let contexts: KeyContext
        /// Lower ones come first and stay longest when room is short.
        package let order: Int
    }

    /// As help and README write the keys.
    package let keys: String
    /// What they do; `**` and backticks are Markdown.
    package let meaning: String
    package let bindings: [Binding]
    package let hints: [Hint]

    init(_ keys: String, _ meaning: String, _ bindings: [Binding], hints: [Hint] = []) {
        self.keys = keys
        self.meaning = meaning
        self.bindings = bindings
        self.hints = hints
    }

    /// Without the marks of Markdown.
    package var plainMeaning: String { Self.plain(meaning) }
    package var plainKeys: String { Self.plain(keys) }

    private static func plain(_ text: String) -> String {
        text.filter { $0 != "`" && $0 != "*" }
    }
}

extension KeyGroup.Binding {
    static func on(_ patterns: KeyPattern..., contexts: KeyContext, _ action: KeyAction) -> Self {
        Self(patterns: patterns, action: action, contexts: contexts)
    }
}
