import ArgumentParser
import TPoTWire

/// Advice about arguments without a valid command: `tpot 4700`, as in programs that have only one command, or the
/// misspelled `tpot htpp 4700`.
enum MissingCommand {
    /// The advice for arguments that cannot be parsed; nil when something else is wrong with them.
    static func advice(for arguments: [String]) -> String? {
        if let target = target(in: arguments) {
            return "no command given; to open a tunnel to \(target), run: tpot http \(target)"
        }
        return misspelling(in: arguments).map { "there is no command \($0.debugDescription); did you mean \($1)?" }
    }

    /// A misspelled command, and the command that was probably meant.
    static func misspelling(in arguments: [String]) -> (word: String, command: String)? {
        let commands = Tpot.configuration.subcommands.compactMap { $0.configuration.commandName }
        for (index, word) in arguments.enumerated() where !word.hasPrefix("-") {
            guard let command = SpellingDistance.nearest(to: word, among: commands), command != word else { continue }
            var corrected = arguments
            corrected[index] = command
            // The word may be an option's value. Then the corrected arguments cannot be parsed either.
            if index == 0 || (try? Tpot.parseAsRoot(corrected)) != nil { return (word, command) }
        }
        return nil
    }

    /// The target of these arguments if `http` is put before them; nil when something else is wrong.
    static func target(in arguments: [String]) -> String? {
        guard let command = try? Tpot.parseAsRoot(["http"] + arguments) as? HTTPCommand else { return nil }
        let target = command.target
        // A single word is more likely a misspelled command than a host.
        let isAddress = target == "localhost" || target.contains { ":./".contains($0) } || Int(target) != nil
        return isAddress && (try? TargetAddress(target)) != nil ? target : nil
    }
}
