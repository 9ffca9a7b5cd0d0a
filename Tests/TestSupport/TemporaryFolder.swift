import FoundationEssentials
import TPoTSystem

/// A folder of a test's own, gone when the test is over.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        path = "\(parent)/tpot-test-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    package func write(_ text: String, to name: String, mode: Int = 0o600) throws {
        let path = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: FileSystem.folder(of: path),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    package func text(of name: String) throws -> String {
        try FileSystem.text(of: path + "/" + name, limit: 1 << 20)
    }

    package func mode(of name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
        return (attributes[.posixPermissions] as? Int ?? -1) & 0o7777
    }
}
