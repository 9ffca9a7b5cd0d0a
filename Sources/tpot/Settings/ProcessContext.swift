import FoundationEssentials

/// What a command takes from the process around it, so that tests can put something else in its place.
struct ProcessContext: Sendable {
    var environment: [String: String]
    /// The working directory; relative paths start here.
    var workingDirectory: String
    /// Reads a line of at most so many bytes.
    var readStandardInputLine: @Sendable (Int) throws(FileError) -> String

    static var current: ProcessContext {
        ProcessContext(
            environment: ProcessInfo.processInfo.environment,
            workingDirectory: FileManager.default.currentDirectoryPath,
            readStandardInputLine: { limit throws(FileError) in try StandardStream.readSecretLine(limit: limit) }
        )
    }

    /// Nil when the environment names none.
    var home: String? {
        environment["HOME"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// An absolute path; `~/` is the home folder, `-` stays.
    func expand(_ path: String, relativeTo folder: String?) -> String {
        if path == "-" || path.hasPrefix("/") { return path }
        if path.hasPrefix("~/"), let home { return home + path.dropFirst() }
        let base = folder ?? workingDirectory
        return base.hasSuffix("/") ? base + path : base + "/" + path
    }
}
