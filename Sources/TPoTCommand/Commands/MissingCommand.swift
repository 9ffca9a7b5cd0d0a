import ArgumentParser
import TPoTWire

/// Arguments without a command: `tpot 4700`, as somebody types who has used a program that knows a single one, or
/// `tpot htpp 4700`.
enum MissingCommand {
    /// What to say of arguments that cannot be parsed; nil when something else is wrong with them.
    static func advice(for arguments: [String]) -> String? {
        if let target = target(in: arguments) {
            return "no command is named; to show \(target), run: tpot http \(target)"
        }
        return misspelling(in: arguments).map { "there is no command \($0.debugDescription); is \($1) meant?" }
    }

    /// A word that is no command, and the command that was probably meant.
    static func misspelling(in arguments: [String]) -> (word: String, command: String)? {
        let commands = Tpot.configuration.subcommands.compactMap { $0.configuration.commandName }
        for (index, word) in arguments.enumerated() where !word.hasPrefix("-") {
            guard let command = SpellingDistance.nearest(to: word, among: commands), command != word else { continue }
            var corrected = arguments
            corrected[index] = command
            // It may be an option's value: then this makes nothing right.
            if index == 0 || (try? Tpot.parseAsRoot(corrected)) != nil { return (word, command) }
        }
        return nil
    }

    /// The target that these arguments would have if `http` stood before them; nil when something else is wrong.
    static func target(in arguments: [String]) -> String? {
        guard let command = try? Tpot.parseAsRoot(["http"] + arguments) as? HTTPCommand else { return nil }
        let target = command.target
        // A single word is rather a command that there is none of.
        let isAddress = target == "localhost" || target.contains { ":./".contains($0) } || Int(target) != nil
        return isAddress && (try? TargetAddress(target)) != nil ? target : nil
    }
}
