import TPoTLogin

/// A setting of the client. The raw value is its name in the config file: the option's name in camel case.
enum Setting: String, CaseIterable, Sendable {
    case tpotServer, authKey, authKeyFile, subdomain, httpHost, noHostRewrite, forwardedHeaders, local
    case insecureTarget, targetCa, serverCa, noReconnect, wait, noUi, logFormat, debug
    case hold, captureBody, captureMemory, noCaptureBodies, exportSecrets, maskHeaders
    case noHistory, historySize, historyAge
    case api, apiAddress, apiToken, apiTokenFile
    case webhookSecretsFile
    case accessToken, accessTokenFile, oidcIssuer, oidcClientId, oidcScopes, oidcCallbackPort

    enum Kind: Sendable {
        case text
        case number
        case flag
        /// Names separated by commas, or a list in the config file.
        case names
        /// A file. A relative path is resolved from the working directory, or from the config file's folder if it is
        /// set there.
        case path
    }

    var kind: Kind {
        switch self {
        case .tpotServer, .authKey, .subdomain, .httpHost, .logFormat, .captureBody, .captureMemory, .accessToken,
            .oidcIssuer, .oidcClientId, .oidcScopes, .historySize, .historyAge, .apiAddress, .apiToken:
            .text
        case .oidcCallbackPort: .number
        case .maskHeaders: .names
        case .authKeyFile, .targetCa, .serverCa, .accessTokenFile, .apiTokenFile, .webhookSecretsFile: .path
        case .noHostRewrite, .forwardedHeaders, .local, .insecureTarget, .noReconnect, .wait, .noUi, .debug,
            .hold, .noCaptureBodies, .exportSecrets, .noHistory, .api:
            .flag
        }
    }

    /// `--auth-key-file`
    var optionName: String { "--" + words.joined(separator: "-") }

    /// `TPOT_AUTH_KEY_FILE`; for the server `TPOT_SERVER`, not `TPOT_TPOT_SERVER`.
    var environmentName: String {
        self == .tpotServer ? "TPOT_SERVER" : "TPOT_" + words.joined(separator: "_").uppercased()
    }

    /// Groups of settings that contradict each other. Setting one in a later layer removes the others.
    private static let alternatives: [[Setting]] = [
        [.tpotServer, .local], [.authKey, .authKeyFile, .accessToken, .accessTokenFile], [.httpHost, .noHostRewrite],
        [.insecureTarget, .targetCa], [.captureBody, .noCaptureBodies],
        [.apiToken, .apiTokenFile],
    ]

    /// The settings that contradict this one.
    var opposites: [Setting] {
        Self.alternatives.first { $0.contains(self) }?.filter { $0 != self } ?? []
    }

    /// Whether the value is masked when settings are shown.
    var isSecret: Bool { self == .authKey || self == .accessToken || self == .apiToken }

    private var words: [String] {
        rawValue.reduce(into: [""]) { words, character in
            if character.isUppercase { words.append("") }
            words[words.count - 1] += character.lowercased()
        }
    }
}

enum SettingValue: Hashable, Sendable {
    case text(String)
    case flag(Bool)

    /// False for a flag that is off: it contradicts nothing.
    var isActive: Bool { self != .flag(false) }
}

enum LogFormat: String, CaseIterable, Sendable {
    case text, json
}
