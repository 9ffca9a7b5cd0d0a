@testable import TPoTDashboard

/// The key table as the README has it, between two comments.
enum KeyTable {
    static let startMarker = "<!-- keys: from the table in KeyBindings.swift -->"
    static let endMarker = "<!-- end of keys -->"

    static var markdown: String {
        let rows = KeyBindings.groups.map { "| \($0.keys) | \($0.meaning) |" }
        return (["| key | does |", "| --- | --- |"] + rows).joined(separator: "\n")
    }

    /// What stands between the markers of a text; nil when they are not both there.
    static func table(in text: String) -> String? {
        range(in: text).map { String(text[$0]) }
    }

    /// The text with the table as it is now.
    static func replaced(in text: String) -> String? {
        range(in: text).map { text.replacingSubrange($0, with: markdown) }
    }

    /// Without the line ends beside the markers.
    private static func range(in text: String) -> Range<String.Index>? {
        guard let start = text.firstRange(of: startMarker + "\n"),
            let end = text[start.upperBound...].firstRange(of: "\n" + endMarker)
        else { return nil }
        return start.upperBound..<end.lowerBound
    }
}

extension String {
    fileprivate func replacingSubrange(_ range: Range<Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + self[range.upperBound...]
    }
}
