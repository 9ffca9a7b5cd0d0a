@testable import TPoTDashboard

/// The key table of the README, between two marker comments.
enum KeyTable {
    static let startMarker = "<!-- keys: from the table in KeyBindings.swift -->"
    static let endMarker = "<!-- end of keys -->"

    static var markdown: String {
        let rows = KeyBindings.groups.map { "| \($0.keys) | \($0.meaning) |" }
        return (["| key | does |", "| --- | --- |"] + rows).joined(separator: "\n")
    }

    /// The part of a text between the markers; nil if a marker is missing.
    static func table(in text: String) -> String? {
        range(in: text).map { String(text[$0]) }
    }

    /// The text with the current table; nil if a marker is missing.
    static func replaced(in text: String) -> String? {
        range(in: text).map { text.replacingSubrange($0, with: markdown) }
    }

    /// The range between the markers, without the line ends next to them.
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
