import FoundationEssentials
import TPoTSystem

/// What a command uses of its process. Tests supply their own.
struct ProcessContext: Sendable {
    var environment: [String: String]
    /// The working directory; relative paths start here.
    var workingDirectory: String
    /// Reads a line of at most `limit` bytes. Shows `prompt` first if a person types the line.
    var readStandardInputLine: @Sendable (_ prompt: String, _ limit: Int) throws(FileError) -> String
    /// Whether standard error is a terminal, so that a person reads what is printed there.
    var hasReader = false

    static var current: ProcessContext {
        ProcessContext(
            environment: ProcessInfo.processInfo.environment,
            workingDirectory: FileManager.default.currentDirectoryPath,
            readStandardInputLine: { prompt, limit throws(FileError) in
                try StandardStream.readSecretLine(prompt: prompt, limit: limit)
            },
            hasReader: StandardStream.error.isTerminal
        )
    }

    /// The home folder; nil when HOME is not set.
    var home: String? { Self.home(in: environment) }

    static func home(in environment: [String: String]) -> String? {
        environment["HOME"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Makes a path absolute. `~/` is the home folder. `-`, standard input, stays as it is.
    func expand(_ path: String, relativeTo folder: String?) -> String {
        if path == "-" || path.hasPrefix("/") { return path }
        if path.hasPrefix("~/"), let home { return home + path.dropFirst() }
        let base = folder ?? workingDirectory
        return base.hasSuffix("/") ? base + path : base + "/" + path
    }
}
