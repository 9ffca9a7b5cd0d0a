import TestSupport
import Testing

@testable import TPoTDashboard

/// The key table and everything that is made from it.
@Suite struct KeyBindingsTests {
    private static let contexts: [KeyContext] = [
        .requests, .conversations, .log, .split, .detail, .comparison, .help, .overlay, .copying, .saving, .typing,
        .confirming, .columns,
    ]

    @Test(arguments: contexts)
    func aKeyHasOneMeaningInAContext(context: KeyContext) {
        let bindings = KeyBindings.groups.flatMap(\.bindings).filter { $0.contexts.contains(context) }
        let patterns = bindings.flatMap(\.patterns)
        #expect(Set(patterns).count == patterns.count)
        #expect(!patterns.isEmpty)
    }

    @Test func theTableNamesExactlyTheBoundKeys() {
        let names: [KeyPattern: String] = [
            .key(.up): "↑", .key(.down): "↓", .key(.left): "←", .key(.right): "→", .key(.pageUp): "PgUp",
            .key(.pageDown): "PgDn", .key(.home): "Home", .key(.end): "End", .mouse(.wheelUp): "wheel",
            .mouse(.wheelDown): "wheel", .mouse(.click): "click", .key(.enter): "enter", .key(.escape): "esc",
            .key(.tab): "tab", .key(.backTab): "tab", " ": "space", .key(.ctrl("c")): "ctrl-C",
            .key(.ctrl("z")): "ctrl-Z", .key(.ctrl("l")): "ctrl-L", .key(.ctrl("d")): "ctrl-d",
            .key(.ctrl("u")): "ctrl-u", .key(.ctrl("s")): "ctrl-s",
        ]
        for group in KeyBindings.groups {
            let bound = group.bindings.flatMap(\.patterns).map { pattern in
                if let name = names[pattern] { return name }
                guard case .key(.character(let character)) = pattern else { return "\(pattern)" }
                return String(character)
            }
            var words = group.keys.split { $0 == " " || $0 == "," }.map(String.init)
            // A slash between two keys is only a separator, and ← → are bound in the group of tab.
            if words.count == 3, words[1] == "/" { words.remove(at: 1) }
            words.removeAll {
                ["in", "the", "detail:", "filter:", "then"].contains($0)
            }
            #expect(Set(words) == Set(bound), "\(group.keys)")
        }
    }

    @Test func everyKeyInTheHelpBarIsBoundInItsContext() {
        let keys: [String: [Key]] = [
            "enter": [.enter], "esc": [.escape], "← →": [.left, .right], "tab": [.tab], "space": [.character(" ")],
            "J K": [.character("J"), .character("K")],
        ]
        for context in Self.contexts {
            for hint in KeyBindings.hints(in: context) {
                for key in keys[hint.key] ?? hint.key.map({ .character($0) }) {
                    #expect(KeyBindings.action(for: key, in: context) != nil, "\(hint.key) \(hint.label)")
                }
            }
        }
    }

    /// `TPOT_REWRITE=1 swift test` writes the table into the README.
    @Test func theREADMEHasThisTable() throws {
        let file = ExpectedFile("README.md")
        let text = try file.text()
        guard ExpectedFile.isRewriting else {
            #expect(KeyTable.table(in: text) == KeyTable.markdown)
            return
        }
        try file.rewrite(try #require(KeyTable.replaced(in: text)))
    }

    @Test func aTextWithoutMarkersHasNoTable() {
        #expect(KeyTable.table(in: "no table") == nil)
        #expect(KeyTable.table(in: KeyTable.startMarker) == nil)
        #expect(KeyTable.replaced(in: KeyTable.endMarker + KeyTable.startMarker) == nil)
        let text = "a\n\(KeyTable.startMarker)\nold\n\(KeyTable.endMarker)\nb"
        #expect(KeyTable.table(in: text) == "old")
        let replaced = KeyTable.replaced(in: text) ?? ""
        #expect(KeyTable.table(in: replaced) == KeyTable.markdown)
        #expect(replaced.hasPrefix("a\n<!--") && replaced.hasSuffix("-->\nb"))
    }
}
