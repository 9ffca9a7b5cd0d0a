import TestSupport
import Testing

@testable import TPoTDashboard

/// Every `.txt` file in `Pictures` is a test: see ``PictureScript``.
@Suite struct PictureTests {
    private static let folder = "Tests/TPoTDashboardTests/Pictures"

    @Test(arguments: ExpectedFile.names(in: folder, ending: ".txt"))
    func picture(_ name: String) throws {
        let file = ExpectedFile("\(Self.folder)/\(name)")
        let expected = try file.text()
        let drawn = try PictureScript.play(expected)
        guard drawn != expected else { return }
        if ExpectedFile.isRewriting { return try file.rewrite(drawn) }
        let lines = (
            expected.split(separator: "\n", omittingEmptySubsequences: false),
            drawn.split(separator: "\n", omittingEmptySubsequences: false)
        )
        let differing = zip(lines.0, lines.1).enumerated().filter { $0.element.0 != $0.element.1 }
        let shown = differing.prefix(8).map { "\($0.offset + 1)\n- \($0.element.0)\n+ \($0.element.1)" }
        let count = lines.0.count == lines.1.count ? "" : "\n\(lines.1.count) lines instead of \(lines.0.count)"
        let place = SourceLocation(
            fileID: "TPoTDashboardTests/\(name)",
            filePath: file.path,
            line: (differing.first?.offset ?? 0) + 1,
            column: 1
        )
        let comment =
            "\(name) differs; TPOT_REWRITE=1 writes the new pictures\n" + shown.joined(separator: "\n") + count
        Issue.record(Comment(rawValue: comment), sourceLocation: place)
    }

    @Test func thereArePictures() {
        #expect(ExpectedFile.names(in: Self.folder, ending: ".txt").count > 20)
    }

    /// The pictures show every symbol that the dashboard draws. In a locale that is not UTF-8 none may become a `?`, which
    /// would stand for what a stranger sent.
    @Test func everySymbolHasAnASCIIForm() throws {
        var missing: Set<Unicode.Scalar> = []
        for name in ExpectedFile.names(in: Self.folder, ending: ".txt") {
            let symbols = try ExpectedFile("\(Self.folder)/\(name)").text().unicodeScalars.filter {
                // Arrows, lines, blocks, and symbols up to ✘; what is above only visitors send.
                "\u{2190}"..."\u{2718}" ~= $0
            }
            missing.formUnion(symbols.filter { AsciiFallback.scalar(for: $0) == "?" })
        }
        #expect(missing.isEmpty)
    }
}
