import TPoTLogin
import TPoTSystem
import TPoTWire

/// Reads and writes the config file for `tpot config`.
enum ConfigEditor {
    struct Report: Hashable, Sendable {
        var lines: [String] = []
        var warnings: [String] = []
    }

    static func run(
        options: [Setting: SettingValue],
        unset: [String],
        configFile: String?,
        in context: ProcessContext
    ) throws(CommandError) -> Report {
        var file = try ConfigFile.loadIfPresent(configFile, in: context)
        guard !file.path.isEmpty else {
            throw CommandError(.badConfig, "there is no home folder (HOME is not set); name a file with --config")
        }
        let layer = try SettingLayer(source: .options, values: options)
        let removals = try unset.map { name throws(CommandError) in try removal(name, in: file) }
        guard !options.isEmpty || !removals.isEmpty else {
            _ = try check(file, in: context)
            let heading = file.exists ? "Settings in \(file.path):" : "No settings yet: there is no \(file.path)"
            return Report(lines: [heading] + lines(of: file), warnings: file.warnings)
        }

        try check(layer, in: context)
        for name in removals { file.document[name] = nil }
        for setting in Setting.allCases {
            guard let value = layer.values[setting] else { continue }
            for opposite in setting.opposites { file.document[opposite.rawValue] = nil }
            try store(value, for: setting, in: &file, context)
        }
        try check(file, in: context)
        do throws(FileError) {
            // The permissions of a folder that the user chose stay as they are.
            let isOwnFolder = !ConfigFile.isNamed(configFile, in: context)
            try FileSystem.makePrivateFolder(FileSystem.folder(of: file.path), narrowing: isOwnFolder)
            try FileSystem.replace(file.path, with: JSONValue.object(file.document).formatted + "\n")
        } catch {
            throw CommandError(.badConfig, "cannot write the config file \(file.path): \(error.reason)")
        }
        return Report(lines: ["Wrote \(file.path):"] + lines(of: file))
    }

    private static func removal(_ name: String, in file: ConfigFile) throws(CommandError) -> String {
        guard Setting(rawValue: name) != nil || file.document[name] != nil else {
            let names = Setting.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandError(.usage, "--unset: \(name.debugDescription) is not a setting; the settings are \(names)")
        }
        return name
    }

    private static func store(
        _ value: SettingValue,
        for setting: Setting,
        in file: inout ConfigFile,
        _ context: ProcessContext
    ) throws(CommandError) {
        switch value {
        case .flag(let flag): file.document[setting.rawValue] = .bool(flag)
        case .text("-") where setting == .authKeyFile || setting == .accessTokenFile || setting == .apiTokenFile:
            // Standard input can be read only once, so the secret itself is stored.
            let (reader, kept): (SecretReader, Setting) =
                setting == .authKeyFile
                ? (.key, .authKey) : (.accessToken, setting == .apiTokenFile ? .apiToken : .accessToken)
            let secret = try reader.read("-", named: setting.optionName, in: context)
            file.document[setting.rawValue] = nil
            file.document[kept.rawValue] = .string(secret)
        case .text(let text) where setting.kind == .number:
            // The number was checked above. JSON does not allow leading zeros.
            file.document[setting.rawValue] = .number(Int(text).map(String.init) ?? text)
        case .text(let text) where setting.kind == .names:
            let names = text.split(separator: ",").map { $0.split(separator: " ").joined(separator: " ") }
            file.document[setting.rawValue] = .array(names.map { .string($0) })
        case .text(let text):
            // The path is made absolute, because tpot may be started in another folder next time.
            let stored = setting.kind == .path ? context.expand(text, relativeTo: nil) : text
            file.document[setting.rawValue] = .string(stored)
        }
    }

    /// Refuses what `tpot http` would refuse, except problems that only show when key and certificate files are read.
    private static func check(_ layer: SettingLayer, in context: ProcessContext) throws(CommandError) {
        let settings = MergedSettings([layer])
        _ = try settings.server()
        _ = try settings.subdomain()
        _ = try settings.hostRewrite()
        _ = try settings.logFormat()
        _ = try settings.fieldNames(.maskHeaders)
        _ = try settings.apiAddress()
        _ = try LoginSettings(settings)
        if settings.text(.authKey) != nil { _ = try settings.authKey(in: context) }
        if settings.text(.accessToken) != nil { _ = try settings.accessToken(in: context) }
    }

    private static func check(_ file: ConfigFile, in context: ProcessContext) throws(CommandError) {
        try check(try file.layer(), in: context)
    }

    /// The members of the file, one per line, with secrets masked.
    private static func lines(of file: ConfigFile) -> [String] {
        let width = file.document.members.map(\.name.count).max() ?? 0
        return file.document.members.map { name, value in
            let padding = String(repeating: " ", count: width - name.count)
            return "  \(printable(name))\(padding)  \(shown(name, value))"
        }
    }

    private static func shown(_ name: String, _ value: JSONValue) -> String {
        guard let setting = Setting(rawValue: name) else { return "(kept; not a setting of tpot)" }
        switch value {
        case .string(let secret) where setting.isSecret: return mask(secret)
        case .string(let text): return printable(text)
        case .array(let items):
            return items.map { if case .string(let name) = $0 { printable(name) } else { $0.formatted } }
                .joined(separator: ", ")
        default: return value.formatted
        }
    }

    /// Shows the last four characters of a long key, which identify it without revealing it.
    static func mask(_ key: String) -> String {
        "********\(key.count >= 20 ? String(key.suffix(4)) : "") (\(key.count == 1 ? "1 character" : "\(key.count) characters"))"
    }

    private static func printable(_ text: String) -> String {
        text.unicodeScalars.allSatisfy(VisibleText.isHarmless) ? text : VisibleText.text(text.debugDescription)
    }
}
