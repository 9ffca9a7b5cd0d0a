import TestSupport

@testable import TPoTDashboard

/// A file with what happens and the pictures that it leads to, one after the other:
///
///     # comment
///     size 80x24
///     happens a webhook comes          a name of Scenes
///     wait 1500                        milliseconds
///     log warning the target is slow   level and text
///     ascii                            from here on the locale is not UTF-8
///     keys jj<enter>                   see KeyScript
///     picture                          then the rows, each with | before it
///     picture with roles               and for each row its roles, with : before them
///
/// Where something is typed, `@ 23,9` says where the cursor stands.
struct PictureScript {
    struct Mistake: Error, CustomStringConvertible {
        let line: Int
        let text: String
        var description: String { "line \(line) makes no sense: \(text)" }
    }

    private var desk = Desk()
    private var output: [String] = []

    /// Plays the script.
    /// - Returns: the script with the pictures as they come out now.
    static func play(_ text: String) throws -> String {
        var script = PictureScript()
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for (index, line) in lines.enumerated() where !isPicture(line) {
            script.output.append(line)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            do {
                guard try script.obey(line) else { throw Mistake(line: index + 1, text: line) }
            } catch let error as KeyScriptError {
                throw Mistake(line: index + 1, text: error.description)
            }
        }
        return script.output.joined(separator: "\n")
    }

    private static func isPicture(_ line: String) -> Bool {
        line.hasPrefix("|") || line.hasPrefix(":") || line.hasPrefix("@ ")
    }

    private mutating func obey(_ line: String) throws -> Bool {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        let argument = words.count > 1 ? words[1] : ""
        switch words[0] {
        case "size": try desk.press("<resize:\(argument)>")
        case "keys": try desk.press(argument)
        case "ascii": desk.isASCII = true
        case "picture": draw(withRoles: argument == "with roles")
        case "happens":
            guard let scene = Scenes.all[argument] else { return false }
            scene(&desk)
        case "wait":
            guard let milliseconds = Int(argument) else { return false }
            desk.wait(milliseconds: milliseconds)
        case "log": return log(argument)
        default: return false
        }
        return true
    }

    private mutating func log(_ argument: String) -> Bool {
        let levels: [String: LogLine.Level] = ["debug": .debug, "info": .info, "warning": .warning, "error": .error]
        let words = argument.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2, let level = levels[words[0]] else { return false }
        desk.log.append(LogLine(unixNanoseconds: desk.model.now.unixNanoseconds, level: level, text: words[1]))
        return true
    }

    private mutating func draw(withRoles: Bool) {
        desk.draw()
        output += desk.screen.text.map { "|\($0)" }
        if withRoles { output += desk.screen.roles.map { ":\($0)" } }
        if let cursor = desk.screen.cursor { output.append("@ \(cursor.row),\(cursor.column)") }
    }
}
