import TPoTCapture
import TPoTInspect
import TestSupport

@testable import TPoTDashboard

/// A file with events and the pictures that follow from them:
///
///     # comment
///     size 80x24
///     happens a webhook comes          a name of Scenes
///     wait 1500                        milliseconds
///     next run                         a day later; what was captured is of an earlier run now
///     opened shop.har                  without a tunnel, and without a target
///     log warning the target is slow   level and text
///     ascii                            from here on the locale is not UTF-8
///     secret stripe whsec_x            first of all: signatures of this provider are checked
///     keys jj<enter>                   see KeyScript
///     picture                          followed by the rows, each after a |
///     picture with roles               also followed by the roles of each row, after a :
///
/// `@ 23,9` after a picture is the position of a visible cursor.
struct PictureScript {
    struct Mistake: Error, CustomStringConvertible {
        let line: Int
        let text: String
        var description: String { "line \(line) is not a valid command: \(text)" }
    }

    private var dashboard = DashboardFixture()
    private var output: [String] = []

    /// Plays a script.
    /// - Returns: the script with the pictures that the current code draws.
    static func play(_ text: String) throws -> String {
        var script = PictureScript()
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for (index, line) in lines.enumerated() where !isPicture(line) {
            script.output.append(line)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            do {
                guard try script.perform(line) else { throw Mistake(line: index + 1, text: line) }
            } catch let error as KeyScriptError {
                throw Mistake(line: index + 1, text: error.description)
            }
        }
        return script.output.joined(separator: "\n")
    }

    private static func isPicture(_ line: String) -> Bool {
        line.hasPrefix("|") || line.hasPrefix(":") || line.hasPrefix("@ ")
    }

    private mutating func perform(_ line: String) throws -> Bool {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        let argument = words.count > 1 ? words[1] : ""
        switch words[0] {
        case "size": try dashboard.press("<resize:\(argument)>")
        case "keys": try dashboard.press(argument)
        case "secret": return try know(argument)
        case "ascii": dashboard.isASCII = true
        case "picture": draw(withRoles: argument == "with roles")
        case "happens":
            guard let scene = Scenes.all[argument] else { return false }
            scene(&dashboard)
        case "wait":
            guard let milliseconds = Int(argument) else { return false }
            dashboard.wait(milliseconds: milliseconds)
        case "next": dashboard = dashboard.nextRun()
        case "opened": (dashboard.facts.opened, dashboard.facts.target) = (argument, "")
        case "log": return log(argument)
        default: return false
        }
        return true
    }

    private mutating func know(_ argument: String) throws -> Bool {
        let words = argument.split(separator: " ").map(String.init)
        guard words.count == 2, let scheme = SignatureScheme.allCases.first(where: { $0.settingName == words[0] })
        else {
            return false
        }
        var secrets = WebhookSecrets()
        try secrets.add(lines: words[1], of: scheme, place: "the script")
        dashboard = DashboardFixture(width: dashboard.screen.width, height: dashboard.screen.height, secrets: secrets)
        return true
    }

    private mutating func log(_ argument: String) -> Bool {
        let levels: [String: LogLine.Level] = ["debug": .debug, "info": .info, "warning": .warning, "error": .error]
        let words = argument.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2, let level = levels[words[0]] else { return false }
        dashboard.log.append(
            LogLine(unixNanoseconds: dashboard.model.now.unixNanoseconds, level: level, text: words[1])
        )
        return true
    }

    private mutating func draw(withRoles: Bool) {
        dashboard.draw()
        output += dashboard.screen.text.map { "|\($0)" }
        if withRoles { output += dashboard.screen.roles.map { ":\($0)" } }
        if let cursor = dashboard.screen.cursor { output.append("@ \(cursor.row),\(cursor.column)") }
    }
}
