/// The key table as the README has it, between two comments.
package enum KeyTable {
    package static let startMarker = "<!-- keys: from the table in KeyBindings.swift -->"
    package static let endMarker = "<!-- end of keys -->"

    package static var markdown: String {
        let rows = KeyBindings.groups.map { "| \(keys($0)) | \($0.meaning) |" }
        return (["| key | does |", "| --- | --- |"] + rows).joined(separator: "\n")
    }

    private static func keys(_ group: KeyGroup) -> String {
        group.keys.contains("|") ? group.keys.replacing("|", with: "\\|") : group.keys
    }

    /// What stands between the markers of a text; nil when they are not both there.
    package static func table(in text: String) -> String? {
        guard let start = text.firstRange(of: startMarker),
            let end = text[start.upperBound...].firstRange(of: endMarker)
        else { return nil }
        let table = text[start.upperBound..<end.lowerBound]
        return String(table.drop { $0.isNewline }.reversed().drop { $0.isNewline }.reversed())
    }
}
