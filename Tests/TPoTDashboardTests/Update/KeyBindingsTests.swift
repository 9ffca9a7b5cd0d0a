import TestSupport
import Testing

@testable import TPoTDashboard

/// The key table and everything that is made from it.
@Suite struct KeyBindingsTests {
    private static let contexts: [KeyContext] = [
        .requests, .timeline, .conversations, .log, .split, .detail, .comparison, .help, .overlay, .copying, .saving,
        .typing, .confirming, .columns,
    ]

    @Test(arguments: contexts)
    func aKeyHasOneMeaningInAContext(context: KeyContext) {
        let bindings = KeyBindings.groups.flatMap(\.bindings).filter { $0.contexts.contains(context) }
        let patterns = bindings.flatMap(\.patterns)
        #expect(Set(patterns).count == patterns.count)
        #expect(!patterns.isEmpty)
    }

    @Test func theTableNamesExactlyTheBoundKeys() {
        for group in KeyBindings.groups {
            let bound = group.bindings.flatMap(\.patterns).map(\.name)
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

    /// Every key that does something of its own is in the palette, and says what it needs.
    @Test(arguments: [KeyContext.requests, .timeline, .conversations, .log, .split, .detail, .comparison])
    func thePaletteHasAllCommands(context: KeyContext) {
        let entries = PaletteEntry.all(in: context)
        #expect(Set(entries.map(\.title)).count == entries.count, "two have the same name")
        for entry in entries {
            #expect(entry.needs == .nothing || !entry.needs.reason.isEmpty)
            #expect(KeyBindings.action(for: entry.keys[0], in: context) != nil)
        }
        var unnamed: Set<KeyAction> = [
            .keptFilter(5), .keptFilter(6), .keptFilter(7), .keptFilter(8), .keptFilter(9),
            .up, .down, .pageUp, .pageDown, .top, .bottom, .halfPageUp, .halfPageDown, .back, .nextTab, .previousTab,
            .nextPane, .previousPane, .palette, .click, .release, .wheelUp, .wheelDown,
        ]
        if context == .comparison { unnamed.insert(.inspect) }
        let bound = KeyBindings.groups.flatMap(\.bindings).filter { $0.contexts.contains(context) }.map(\.action)
        #expect(Set(bound.filter { $0.title(in: context) == nil }).subtracting(unnamed).isEmpty)
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
