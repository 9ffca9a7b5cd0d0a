import ArgumentParser
import TPoTWire

/// `tpot 4700`, as somebody types who has used a program that knows a single command.
enum MissingCommand {
    /// The target that these arguments would have if `http` stood before them; nil when something else is wrong.
    static func target(in arguments: [String]) -> String? {
        guard (try? Tpot.parseAsRoot(arguments)) == nil,
            let command = try? Tpot.parseAsRoot(["http"] + arguments) as? HTTPCommand
        else { return nil }
        let target = command.target
        // A single word is rather a command that there is none of.
        let isAddress = target == "localhost" || target.contains { ":./".contains($0) } || Int(target) != nil
        return isAddress && (try? TargetAddress(target)) != nil ? target : nil
    }
}
