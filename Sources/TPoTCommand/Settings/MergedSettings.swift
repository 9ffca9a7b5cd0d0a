import TPoTLogin
import TPoTSystem
import TPoTTunnel
import TPoTWire

/// The settings of all layers. A setting overrides the same one in earlier layers and removes those that contradict it.
struct MergedSettings {
    private var values: [Setting: (value: SettingValue, source: SettingLayer.Source)] = [:]

    /// - Parameter layers: in rising order of precedence.
    init(_ layers: [SettingLayer]) {
        for layer in layers {
            for (setting, value) in layer.values {
                if value.isActive { for opposite in setting.opposites { values[opposite] = nil } }
                values[setting] = (value, layer.source)
            }
        }
    }

    /// The settings of the config file, the environment and the options.
    static func all(
        _ file: ConfigFile,
        _ options: [Setting: SettingValue],
        in context: ProcessContext
    ) throws(CommandError) -> MergedSettings {
        MergedSettings([
            try file.layer(),
            try SettingLayer(environment: context.environment),
            try SettingLayer(source: .options, values: options),
        ])
    }

    /// The settings for a command that needs only these.
    static func some(
        _ names: [Setting],
        _ options: [Setting: SettingValue],
        in context: ProcessContext
    ) throws(CommandError) -> MergedSettings {
        MergedSettings([
            try ConfigFile.load(nil, in: context).layer(),
            try SettingLayer(environment: context.environment, only: names),
            try SettingLayer(source: .options, values: options),
        ])
    }

    func flag(_ setting: Setting) -> Bool {
        values[setting]?.value == .flag(true)
    }

    func text(_ setting: Setting) -> String? {
        if case .text(let text)? = values[setting]?.value { text } else { nil }
    }

    /// The layer that the setting comes from.
    func source(of setting: Setting) -> SettingLayer.Source? {
        values[setting]?.source
    }

    func server() throws(CommandError) -> ServerAddress? {
        guard let text = text(.tpotServer) else { return nil }
        do throws(AddressError) {
            return try ServerAddress(text)
        } catch {
            throw failure(.tpotServer, FailureText.text(error))
        }
    }

    func subdomain() throws(CommandError) -> Subdomain? {
        guard let text = text(.subdomain) else { return nil }
        guard let subdomain = Subdomain(text) else {
            throw failure(
                .subdomain,
                "\(text.debugDescription) is not a subdomain; write 1 to 24 letters a-z, digits and hyphens,"
                    + " not beginning with a hyphen"
            )
        }
        return subdomain
    }

    func hostRewrite() throws(CommandError) -> HostRewrite {
        if flag(.noHostRewrite) { return .off }
        guard let host = text(.httpHost) else { return .target }
        // The host becomes a header line of every request. It must not end the line or be readable in two ways.
        guard host.utf8.count <= 255, host.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw failure(
                .httpHost,
                "\(host.debugDescription) cannot be a Host header; write a host such as example.com:8080,"
                    + " of at most 255 characters, without spaces"
            )
        }
        return .value(host)
    }

    func logFormat() throws(CommandError) -> LogFormat {
        guard let text = text(.logFormat) else { return .text }
        guard let format = LogFormat(rawValue: text) else {
            throw failure(.logFormat, "\(text.debugDescription) is not a log format; write text or json")
        }
        return format
    }

    /// The header names of a setting, which are separated by commas.
    func fieldNames(_ setting: Setting) throws(CommandError) -> [String] {
        var names: [String] = []
        for part in (text(setting) ?? "").split(separator: ",") {
            let name = part.split(separator: " ").joined(separator: " ")
            guard name.utf8.allSatisfy(Self.isFieldNameByte) else {
                throw failure(
                    setting,
                    "\(name.debugDescription) is not a header name; write names such as X-Internal, separated by commas"
                )
            }
            if !name.isEmpty { names.append(name) }
        }
        return names
    }

    /// A `tchar` of RFC 9110, 5.6.2.
    private static func isFieldNameByte(_ byte: UInt8) -> Bool {
        0x21...0x7e ~= byte && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
    }

    func byteSize(_ setting: Setting) throws(CommandError) -> Int? {
        guard let text = text(setting) else { return nil }
        guard let size = ByteSize(text) else {
            throw failure(setting, "\(text.debugDescription) is not a size; write 1MiB, 64KiB or a number of bytes")
        }
        return size.bytes
    }

    /// A number of seconds.
    func age(_ setting: Setting) throws(CommandError) -> Int? {
        guard let text = text(setting) else { return nil }
        guard let age = Age(text) else {
            throw failure(setting, "\(text.debugDescription) is not a time; write 7d, 12h or 30m")
        }
        return age.seconds
    }

    /// The path of a file that must exist and be readable. `~/` is the home folder.
    func readableFile(_ setting: Setting, in context: ProcessContext) throws(CommandError) -> String? {
        guard let path = path(setting, in: context) else { return nil }
        if let reason = FileSystem.reasonUnreadable(path) {
            throw CommandError(.badConfig, "\(name(of: setting)): cannot read \(path): \(reason)")
        }
        return path
    }

    /// The key, from the setting itself, its file or standard input.
    func authKey(in context: ProcessContext) throws(CommandError) -> String? {
        try secret(.key, .authKey, file: .authKeyFile, in: context)
    }

    /// The access token, from the setting itself, its file or standard input.
    func accessToken(in context: ProcessContext) throws(CommandError) -> String? {
        try secret(.accessToken, .accessToken, file: .accessTokenFile, in: context)
    }

    func secret(
        _ reader: SecretReader,
        _ setting: Setting,
        file: Setting,
        in context: ProcessContext
    ) throws(CommandError) -> String? {
        if let text = text(setting) {
            if let reason = reader.reasonUnusable(text) { throw failure(setting, reason) }
            return text
        }
        guard let path = path(file, in: context) else { return nil }
        return try reader.read(path, named: name(of: file), in: context)
    }

    /// An `https` URL, as the user wrote it.
    func webAddress(_ setting: Setting) throws(CommandError) -> String? {
        guard let text = text(setting) else { return nil }
        guard WebAddress(text) != nil else {
            throw failure(setting, "\(text.debugDescription) is not an https address; write https://id.example.com")
        }
        return text
    }

    func port(_ setting: Setting) throws(CommandError) -> Int? {
        guard let text = text(setting) else { return nil }
        guard let port = ServerAddress.port(text) else {
            throw failure(setting, "\(text.debugDescription) is not a port; write a number from 1 to 65535")
        }
        return port
    }

    func path(_ setting: Setting, in context: ProcessContext) -> String? {
        guard let text = text(setting) else { return nil }
        if case .configFile(let file)? = source(of: setting) {
            return context.expand(text, relativeTo: FileSystem.folder(of: file))
        }
        return context.expand(text, relativeTo: nil)
    }

    func name(of setting: Setting) -> String {
        source(of: setting)?.name(of: setting) ?? setting.optionName
    }

    func failure(_ setting: Setting, _ reason: String) -> CommandError {
        CommandError(source(of: setting)?.status ?? .usage, "\(name(of: setting)): \(reason)")
    }
}
