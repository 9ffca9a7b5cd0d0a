import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The files that the Markdown pages refer to exist.
@Suite struct PagesTests {
    private static let pages: [String] = {
        let root = ExpectedFile.root
        func files(_ folder: String) -> [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []).map {
                "\(folder)/\($0)"
            }
        }
        let inFolders = (files("Sources") + files("Tests")).map { "\($0)/README.md" }
        let found = inFolders.filter { FileManager.default.fileExists(atPath: "\(root)/\($0)") }
        return ["README.md", "CHANGELOG.md"] + files(".github").filter { $0.hasSuffix(".md") } + found
    }()

    @Test func pagesAreFound() { #expect(Self.pages.count > 15) }

    /// `[text](path)`, relative to the page.
    @Test(arguments: pages) func linkedFilesExist(page: String) throws {
        let folder = page.split(separator: "/").dropLast().joined(separator: "/")
        for part in try text(page).split(separator: "](").dropFirst() {
            let link = part.prefix { $0 != ")" && $0 != "#" && !$0.isWhitespace }
            guard !link.isEmpty, !link.contains("://") else { continue }
            #expect(exists("\(folder)/\(link)"), "\(page): \(link)")
        }
    }

    /// `` `Sources/…` `` and `` `Tests/…` ``, without blanks.
    @Test(arguments: pages) func namedPathsExist(page: String) throws {
        let folders = ["Sources/", "Tests/", ".ci/", ".github/"]
        for part in try text(page).split(separator: "`") where folders.contains(where: part.hasPrefix) {
            guard !part.contains(where: { $0.isWhitespace || $0 == "…" }) else { continue }
            #expect(exists(String(part)), "\(page): \(part)")
        }
    }

    @Test func aFolderOfATargetIsNamedInItsREADME() throws {
        let manager = FileManager.default
        let sources = "\(ExpectedFile.root)/Sources"
        for target in try manager.contentsOfDirectory(atPath: sources) {
            guard let page = try? text("Sources/\(target)/README.md") else { continue }
            for name in try manager.contentsOfDirectory(atPath: "\(sources)/\(target)") where !name.contains(".") {
                #expect(page.contains("`\(name)`"), "Sources/\(target)/README.md does not name \(name)")
            }
        }
    }

    private func text(_ page: String) throws -> String {
        try String(contentsOfFile: "\(ExpectedFile.root)/\(page)", encoding: .utf8)
    }

    private func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(ExpectedFile.root)/\(path)")
    }
}
