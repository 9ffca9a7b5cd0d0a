/// One line of text that the user types.
package struct TextField: Hashable, Sendable {
    /// The most characters, because a paste may have any length.
    static let limit = 1000

    private var characters: [Character]
    /// The number of characters before the cursor.
    package private(set) var cursor: Int

    package init(_ text: String = "") {
        characters = Array(text)
        cursor = characters.count
    }

    package var text: String { String(characters) }
    var textBeforeCursor: String { String(characters[..<cursor]) }
    var isEmpty: Bool { characters.isEmpty }

    /// Handles a key. Returns false if the key does nothing here.
    mutating func take(_ key: Key) -> Bool {
        switch key {
        case .character(let character): insert(String(character))
        case .paste(let text): insert(text)
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(characters.count, cursor + 1)
        case .home, .ctrl("a"): cursor = 0
        case .end, .ctrl("e"): cursor = characters.count
        case .backspace:
            guard cursor > 0 else { return true }
            cursor -= 1
            characters.remove(at: cursor)
        case .delete:
            if cursor < characters.count { characters.remove(at: cursor) }
        case .ctrl("u"):
            characters.removeFirst(cursor)
            cursor = 0
        case .ctrl("k"): characters.removeLast(characters.count - cursor)
        case .ctrl("w"): removeWord()
        default: return false
        }
        return true
    }

    /// Inserts text. Line ends and other control characters become blanks, because the field has one line.
    private mutating func insert(_ text: String) {
        let room = max(0, Self.limit - characters.count)
        let isControl: (Character) -> Bool = { $0.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f } }
        let inserted = text.prefix(room).map { isControl($0) ? " " : $0 }
        characters.insert(contentsOf: inserted, at: cursor)
        cursor += inserted.count
        // An inserted combining mark joins the preceding character, so the characters are split again.
        let before = characters.count
        characters = Array(String(characters))
        cursor = max(0, min(cursor - (before - characters.count), characters.count))
    }

    private mutating func removeWord() {
        var start = cursor
        while start > 0, characters[start - 1] == " " { start -= 1 }
        while start > 0, characters[start - 1] != " " { start -= 1 }
        characters.removeSubrange(start..<cursor)
        cursor = start
    }
}
