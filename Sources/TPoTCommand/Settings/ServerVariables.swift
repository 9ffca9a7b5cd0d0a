import TPoTSystem

/// A text that the user gave, and where, for errors.
struct GivenText: Hashable, Sendable {
    /// `--port`, `PORT`, or `PORT in /srv/.env`.
    var name: String
    var text: String
    /// The exit code when the text is wrong.
    var status: ExitStatus

    static func option(_ name: String, _ text: String?) -> GivenText? {
        text.map { GivenText(name: name, text: $0, status: .usage) }
    }

    /// The value of an option that can be repeated.
    static func option(_ name: String, _ texts: [String]) -> GivenText? {
        option(name, texts.isEmpty ? nil : texts.joined(separator: ","))
    }

    func failure(_ reason: String) -> CommandError {
        CommandError(status, "\(name): \(reason)")
    }
}

/// The environment of a server and the `.env` file in its working directory. The environment overrides the file.
struct ServerVariables {
    /// The maximum size of a `.env` file in bytes. A larger file is refused.
    static let maximumLength = 65_536

    private let environment: [String: String]
    private let file: [String: String]
    private let path: String

    init(in context: ProcessContext) throws(CommandError) {
        environment = context.environment
        path = context.expand(".env", relativeTo: nil)
        do throws(FileError) {
            file = try DotEnv.parse(FileSystem.text(of: path, limit: Self.maximumLength))
        } catch {
            // Ignoring the file could mean starting without a key.
            guard error.isMissing else { throw CommandError(.badConfig, "cannot read \(path): \(error.reason)") }
            file = [:]
        }
    }

    /// The variables of the file and the environment.
    var texts: [String: String] { file.merging(environment) { $1 } }

    /// Nil when the variable is not set, or is empty in the source that counts.
    subscript(name: String) -> GivenText? {
        if let text = environment[name] {
            return text.isEmpty ? nil : GivenText(name: name, text: text, status: .usage)
        }
        guard let text = file[name], !text.isEmpty else { return nil }
        return GivenText(name: "\(name) in \(path)", text: text, status: .badConfig)
    }
}
