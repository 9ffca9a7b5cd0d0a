import TPoTNetwork

/// Which certificates of targets are trusted, for a command that has no tunnel.
enum TargetTrust {
    static let names: [Setting] = [.insecureTarget, .targetCa]

    static func resolve(
        _ options: [Setting: SettingValue],
        in context: ProcessContext
    ) throws(CommandError) -> CertificateTrust {
        let settings = try MergedSettings.some(names, options, in: context)
        if settings.flag(.insecureTarget) { return .anything }
        return try settings.readableFile(.targetCa, in: context).map { .roots($0) } ?? .system
    }
}
