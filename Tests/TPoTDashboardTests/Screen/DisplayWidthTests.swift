import Testing

@testable import TPoTDashboard

@Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("", 0),
        ("GET /webhooks", 13),
        ("größe", 5),
        ("gro\u{308}ße", 5),
        ("日本語", 6),
        ("한국어", 6),
        ("\u{1112}\u{1161}\u{11ab}", 2),
        ("ＡＢ", 4),
        ("ｱｲ", 2),
        ("→ … ▁▂▅▇ ●", 10),
        ("😀", 2),
        ("✅ ❌", 5),
        ("❤\u{fe0f}", 1),
        ("1\u{fe0f}\u{20e3}", 1),
        ("👍🏽", 2),
        ("☝🏽", 1),
        ("👨\u{200d}👩\u{200d}👧", 6),
        ("🇩🇪", 2),
        ("🇩🇪🇫🇷", 4),
        ("🇩", 1),
        ("नमस्ते", 4),
        ("e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}", 1),
        ("\u{301}", 1),
        ("עברית", 5),
        ("葛\u{e0100}", 2),
        ("\u{1b}[2J", 4),
        ("\t\r\n\0", 4),
        ("\u{202e}\u{200b}\u{feff}\u{ad}", 4),
    ])
    func textHasColumns(text: String, columns: Int) {
        #expect(DisplayWidth.columns(text) == columns)
    }

    @Test func countingStopsAtTheLimit() {
        #expect(DisplayWidth.columns(String(repeating: "a", count: 1000), stoppingAt: 7) == 7)
        #expect(DisplayWidth.columns("日本", stoppingAt: 3) == 4)
    }

    @Test func tablesAreSorted() {
        for table in [DisplayWidthTable.wide, DisplayWidthTable.marks, DisplayWidthTable.forbidden] {
            #expect(table.count.isMultiple(of: 2))
            #expect(
                zip(table, table.dropFirst()).enumerated().allSatisfy { index, pair in
                    index.isMultiple(of: 2) ? pair.0 <= pair.1 : pair.0 < pair.1
                }
            )
        }
    }

    /// Compares the tables with Swift's own Unicode data, for all characters that Swift knows.
    @Test func tablesAgreeWithTheGeneralCategories() {
        for value in UInt32(0)...0x10ffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let kind = DisplayWidth.kind(of: scalar)
            switch scalar.properties.generalCategory {
            case .unassigned: continue
            case .control, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate:
                if kind != .forbidden { Issue.record("U+\(String(value, radix: 16)) is \(kind)") }
            case .format:
                if kind != .forbidden, kind != .dropped { Issue.record("U+\(String(value, radix: 16)) is \(kind)") }
            case .nonspacingMark, .enclosingMark:
                if kind == .narrow || kind == .wide { Issue.record("U+\(String(value, radix: 16)) is \(kind)") }
            default: continue
            }
            if scalar.properties.isDefaultIgnorableCodePoint, kind != .forbidden, kind != .dropped {
                Issue.record("U+\(String(value, radix: 16)) is invisible but \(kind)")
            }
        }
    }

    @Test func everyPieceIsHarmless() {
        for value in UInt32(0)...0x10ffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            for piece in DisplayPieces(String(scalar)) {
                let isControl = [piece.base] + piece.marks + [piece.partner ?? " "]
                if isControl.contains(where: { DisplayWidth.kind(of: $0) == .forbidden }) {
                    Issue.record("U+\(String(value, radix: 16)) comes through")
                }
            }
        }
    }
}
