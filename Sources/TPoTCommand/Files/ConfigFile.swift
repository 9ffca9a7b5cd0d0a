import TPoTSystem
import TPoTWire

/// The config file: a JSON object of settings. Members that are not settings are kept.
struct ConfigFile: Hashable, Sendable {
    /// The maximum size of a config file in bytes. A larger file is refused.
    static let maximumLength = 65_536

    let path: String
    var document = JSONObject()
    /// Whether the file exists.
    var exists = false
    /// Problems that are not errors.
    var warnings: [String] = []

    /// Loads the file that `--config` or TPOT_CONFIG names,
    /// which must exist, or else ~/.tpot/config.json, which need not.
    static func load(_ option: String?, in context: ProcessContext) throws(CommandError) -> ConfigFile {
        let file = try loadIfPresent(option, in: context)
        if !file.exists, isNamed(option, in: context) {
            throw CommandError(.badConfig, "there is no config file \(file.path); `tpot config` writes one")
        }
        return file
    }

    static func loadIfPresent(_ option: String?, in context: ProcessContext) throws(CommandError) -> ConfigFile {
        var file = ConfigFile(path: path(option, in: context))
        guard !file.path.isEmpty else { return file }
        let text: String
        do throws(FileError) {
            text = try FileSystem.text(of: file.path, limit: maximumLength)
        } catch {
            guard !error.isMissing else { return file }
            throw CommandError(.badConfig, "cannot read the config file \(file.path): \(error.reason)")
        }
        file.exists = true
        let lines: [String: Int]
        (file.document, lines) = try JSONParser.object(text, in: "config file \(file.path)")
        file.warnings = file.document.members.compactMap { name, _ in
            misspelling(name).map { "\(file.path), line \(lines[name] ?? 1): \($0)" }
        }
        for setting in Setting.allCases where setting.isSecret && file.document[setting.rawValue] != nil {
            guard FileSystem.isReadableByOthers(file.path) else { break }
            let secret = setting == .authKey ? "key" : "token"
            file.warnings.append("other users can read the \(secret) in \(file.path); run: chmod 600 \(file.path)")
        }
        return file
    }

    /// The warning about a name that is not a setting. A name that does not begin with a letter is a comment.
    private static func misspelling(_ name: String) -> String? {
        guard Setting(rawValue: name) == nil, name.first?.isLetter == true else { return nil }
        let nearest = SpellingDistance.nearest(to: name, among: Setting.allCases.map(\.rawValue))
        let question = nearest.map { "; did you mean \"\($0)\"?" } ?? " of tpot, and is ignored"
        return "\(VisibleText.text(name.debugDescription)) is not a setting\(question)"
    }

    /// Whether the user named a file with `--config` or TPOT_CONFIG.
    static func isNamed(_ option: String?, in context: ProcessContext) -> Bool {
        option != nil || context.environment["TPOT_CONFIG"].map { !$0.isEmpty } ?? false
    }

    /// The path of the file; empty when none is named and there is no home folder.
    private static func path(_ option: String?, in context: ProcessContext) -> String {
        if let named = option ?? context.environment["TPOT_CONFIG"], !named.isEmpty {
            return context.expand(named, relativeTo: nil)
        }
        return context.home.map { $0 + "/.tpot/config.json" } ?? ""
    }

    /// The settings in the file. `null` and empty strings count as not set, as in the original client.
    func layer() throws(CommandError) -> SettingLayer {
        var values: [Setting: SettingValue] = [:]
        for setting in Setting.allCases {
            switch (document[setting.rawValue], setting.kind) {
            case (nil, _), (.null, _), (.string(""), _): continue
            case (.bool(let flag), .flag): values[setting] = .flag(flag)
            case (.string(let text), .flag), (.number(let text), .flag):
                guard let flag = Bool(settingText: text) else { throw wrongKind(setting, .string(text)) }
                values[setting] = .flag(flag)
            case (.string(let text), .text), (.string(let text), .path), (.string(let text), .number),
                (.number(let text), .number), (.string(let text), .names):
                values[setting] = .text(text)
            case (.array([]), .names): continue
            case (.array(let items)?, .names):
                values[setting] = .text(
                    try items.map { item throws(CommandError) in
                        guard case .string(let name) = item else { throw wrongKind(setting, item) }
                        return name
                    }.joined(separator: ",")
                )
            case (let value?, _): throw wrongKind(setting, value)
            }
        }
        return try SettingLayer(source: .configFile(path: path), values: values)
    }

    private func wrongKind(_ setting: Setting, _ value: JSONValue) -> CommandError {
        let found =
            switch value {
            case .string(let text): text.debugDescription
            default: value.kindName
            }
        let expected =
            switch setting.kind {
            case .flag: "true or false"
            case .number: "a number"
            case .text, .path: "text in quotes"
            case .names: "a list of names in quotes"
            }
        return CommandError(.badConfig, "\"\(setting.rawValue)\" in \(path) is \(found); write \(expected)")
    }
}

extension JSONParser {
    /// Parses a file that tpot itself writes.
    /// - Parameter place: names the file in errors, such as `config file /home/me/.tpot/config.json`.
    static func object(
        _ text: String,
        in place: String
    ) throws(CommandError) -> (object: JSONObject, lines: [String: Int]) {
        do throws(JSONError) {
            return try object(text)
        } catch {
            throw CommandError(
                .badConfig,
                "the \(place) is corrupt, line \(error.line): \(error.reason); fix it or move it away"
            )
        }
    }
}
