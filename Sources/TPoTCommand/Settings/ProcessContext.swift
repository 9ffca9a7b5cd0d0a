import FoundationEssentials
import TPoTSystem

/// What a command takes from the process around it, so that tests can put something else in its place.
struct ProcessContext: Sendable {
    var environment: [String: String]
    /// The working directory; relative paths start here.
    var workingDirectory: String
    /// Reads a line of at most so many bytes; shows the text first where a person is to type it.
    var readStandardInputLine: @Sendable (_ prompt: String, _ limit: Int) throws(FileError) -> String
    /// Whether a person reads what is printed on standard error.
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
