import TPoTInspect

/// The settings from one source: the config file, the environment, or the options.
struct SettingLayer: Hashable, Sendable {
    enum Source: Hashable, Sendable {
        case configFile(path: String)
        case environment
        case options

        /// The name of the setting in this source, as the user wrote it.
        func name(of setting: Setting) -> String {
            switch self {
            case .configFile(let path): "\"\(setting.rawValue)\" in \(path)"
            case .environment: setting.environmentName
            case .options: setting.optionName
            }
        }

        /// The exit code for a wrong value in this source.
        var status: ExitStatus {
            switch self {
            case .configFile: .badConfig
            case .environment, .options: .usage
            }
        }
    }

    let source: Source
    private(set) var values: [Setting: SettingValue] = [:]

    /// Refuses empty options and settings that contradict each other within the layer.
    init(source: Source, values: [Setting: SettingValue]) throws(CommandError) {
        self.source = source
        self.values = values
        for setting in Setting.allCases {
            guard let value = values[setting], value.isActive else { continue }
            if value == .text("") {
                throw CommandError(source.status, "\(source.name(of: setting)) is empty; give a value or leave it out")
            }
            for opposite in setting.opposites where values[opposite]?.isActive == true {
                throw CommandError(
                    source.status,
                    "\(source.name(of: setting)) and \(source.name(of: opposite)) contradict each other; leave one out"
                )
            }
        }
    }

    /// Reads the `TPOT_…` variables of these settings. An empty variable counts as not set.
    init(environment: [String: String], only settings: [Setting] = Setting.allCases) throws(CommandError) {
        var values: [Setting: SettingValue] = [:]
        for setting in settings {
            guard let text = environment[setting.environmentName], !text.isEmpty else { continue }
            guard setting.kind == .flag else {
                values[setting] = .text(text)
                continue
            }
            guard let flag = Bool(settingText: text) else {
                throw CommandError(
                    .usage,
                    "\(setting.environmentName) is \(text.debugDescription); write true, false, 1 or 0"
                )
            }
            values[setting] = .flag(flag)
        }
        try self.init(source: .environment, values: values)
    }

    /// Warnings about variables that look like misspelled settings. Other `TPOT_…` variables cause no warning: in
    /// Kubernetes, a service named tpot adds TPOT_PORT and others to every container.
    static func warnings(environment: [String: String]) -> [String] {
        let prefix = "TPOT_"
        let known = Setting.allCases.map(\.environmentName) + ["TPOT_CONFIG"]
        return environment.keys.sorted().compactMap { name in
            // Names of providers are checked where the secrets are read.
            guard name.hasPrefix(prefix), !known.contains(name), !name.hasPrefix(WebhookSecrets.environmentPrefix)
            else { return nil }
            let letters = String(name.dropFirst(prefix.count))
            return SpellingDistance.nearest(to: letters, among: known.map { String($0.dropFirst(prefix.count)) })
                .map { "\(name) is not a setting; did you mean \(prefix)\($0)?" }
        }
    }
}

extension Bool {
    /// `true`, `false`, `1` or `0`, in any case.
    init?(settingText: String) {
        switch settingText.lowercased() {
        case "true", "1": self = true
        case "false", "0": self = false
        default: return nil
        }
    }
}
