import FoundationEssentials

/// A file of the source tree that contains an expected result: a picture, or a table of the README.
///
/// `TPOT_REWRITE=1 swift test` writes the actual result into the file instead of comparing it. Version control then
/// shows the changes.
package struct ExpectedFile: Sendable {
    package static let isRewriting = ProcessInfo.processInfo.environment["TPOT_REWRITE"] == "1"
    package static let root = String(#filePath.dropLast("/Tests/TestSupport/ExpectedFile.swift".count))

    package let path: String

    /// - Parameter path: relative to the root of the source tree.
    package init(_ path: String) {
        self.path = "\(Self.root)/\(path)"
    }

    package func text() throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    package func rewrite(_ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    /// The names of the files in a folder, in order.
    package static func names(in folder: String, ending: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")
        return (names ?? []).filter { $0.hasSuffix(ending) }.sorted()
    }
}
