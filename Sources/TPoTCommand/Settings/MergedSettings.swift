import TPoTLogin
import TPoTSystem
import TPoTTunnel
import TPoTWire

/// The settings of all layers together: the later layer wins, and takes back what contradicts it.
struct MergedSettings {
    private var values: [Setting: (value: SettingValue, source: SettingLayer.Source)] = [:]

    /// `layers` in rising order of precedence.
    init(_ layers: [SettingLayer]) {
        for layer in layers {
            for (setting, value) in layer.values {
                if value.isActive { for opposite in setting.opposites { values[opposite] = nil } }
                values[setting] = (value, layer.source)
            }
        }
    }

    /// Those of config file, environment and options.
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

    func flag(_ setting: Setting) -> Bool {
        values[setting]?.value == .flag(true)
    }

    func text(_ setting: Setting) -> String? {
        if case .text(let text)? = values[setting]?.value { text } else { nil }
    }

    /// Where the setting comes from.
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
                "\(text.debugDescription) is not a subdomain; it takes 1 to 24 letters a-z, digits and hyphens,"
                    + " the first no hyphen"
            )
        }
        return subdomain
    }

    func hostRewrite() throws(CommandError) -> HostRewrite {
        if flag(.noHostRewrite) { return .off }
        guard let host = text(.httpHost) else { return .target }
        // It becomes a header line of every request: what could end the line or be read in two ways stays out.
        guard host.utf8.count <= 255, host.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw failure(
                .httpHost,
                "\(host.debugDescription) cannot stand in a Host header; write a host, as example.com:8080,"
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

    /// Names of header fields, with commas between them.
    func fieldNames(_ setting: Setting) throws(CommandError) -> [String] {
        var names: [String] = []
        for part in (text(setting) ?? "").split(separator: ",") {
            let name = part.split(separator: " ").joined(separator: " ")
            guard name.utf8.allSatisfy(Self.isFieldNameByte) else {
                throw failure(
                    setting,
                    "\(name.debugDescription) is no name of a header; write X-Internal, with commas between names"
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

    /// A file that must be there and readable. `~/` is the home folder.
    func readableFile(_ setting: Setting, in context: ProcessContext) throws(CommandError) -> String? {
        guard let path = path(setting, in: context) else { return nil }
        if let reason = FileSystem.reasonUnreadable(path) {
            throw CommandError(.badConfig, "\(name(of: setting)): cannot read \(path): \(reason)")
        }
        return path
    }

    /// The key itself, or what its file or standard input holds.
    func authKey(in context: ProcessContext) throws(CommandError) -> String? {
        try secret(.key, .authKey, file: .authKeyFile, in: context)
    }

    /// The same of an access token.
    func accessToken(in context: ProcessContext) throws(CommandError) -> String? {
        try secret(.accessToken, .accessToken, file: .accessTokenFile, in: context)
    }

    private func secret(
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

    /// An `https` URL, as it was given.
    func webAddress(_ setting: Setting) throws(CommandError) -> String? {
        guard let text = text(setting) else { return nil }
        guard WebAddress(text) != nil else {
            throw failure(setting, "\(text.debugDescription) is no https address; write https://id.example.com")
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

    private func path(_ setting: Setting, in context: ProcessContext) -> String? {
        guard let text = text(setting) else { return nil }
        if case .configFile(let file)? = source(of: setting) {
            return context.expand(text, relativeTo: FileSystem.folder(of: file))
        }
        return context.expand(text, relativeTo: nil)
    }

    private func name(of setting: Setting) -> String {
        source(of: setting)?.name(of: setting) ?? setting.optionName
    }

    private func failure(_ setting: Setting, _ reason: String) -> CommandError {
        CommandError(source(of: setting)?.status ?? .usage, "\(name(of: setting)): \(reason)")
    }
}
