import ArgumentParser
import TPoTNetwork
import TPoTWire

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

    /// The address that an option `--target` gives.
    static func address(_ text: String) throws(CommandError) -> TargetAddress {
        do throws(AddressError) {
            return try TargetAddress(text)
        } catch {
            throw CommandError(.usage, FailureText.text(error))
        }
    }
}

/// The options of a command that has a target and no tunnel. They can come before it, too.
struct TargetTrustOptions: ParsableArguments {
    @Flag(help: "Do not check the certificate of an https:// target.")
    var insecureTarget = false

    @Option(
        help: ArgumentHelp("Check the target's certificate against the authorities in this PEM file.", valueName: "pem")
    )
    var targetCa: String?

    func resolve(_ root: Tpot, in context: ProcessContext) throws(CommandError) -> CertificateTrust {
        var options = root.tunnel.settings.filter { TargetTrust.names.contains($0.key) }
        if insecureTarget { options[.insecureTarget] = .flag(true) }
        if let targetCa { options[.targetCa] = .text(targetCa) }
        return try TargetTrust.resolve(options, in: context)
    }
}
