@testable import TPoTDashboard

/// A script of keys for tests: `jj<enter>/5xx<enter><esc><c-c><wheel-down>`.
///
/// Every character stands for itself, except for `<name>`:
///
///     enter esc tab s-tab up down left right pgup pgdn home end bs del space lt
///     c-x                     ctrl-X
///     click:3,10              row 3, column 10, counted from 0; so do release, wheel-up and wheel-down
///     resize:80x24  paste:some text  resumed  terminate  hangup
enum KeyScript {
    static func keys(_ script: String) throws(KeyScriptError) -> [Key] {
        var keys: [Key] = []
        var rest = script[...]
        while let character = rest.popFirst() {
            guard character == "<" else {
                keys.append(.character(character))
                continue
            }
            guard let end = rest.firstIndex(of: ">") else { throw KeyScriptError(name: String(rest)) }
            let name = rest[..<end]
            guard let key = named[String(name)] ?? withArgument(name) else {
                throw KeyScriptError(name: String(name))
            }
            keys.append(key)
            rest = rest[rest.index(after: end)...]
        }
        return keys
    }

    private static let named: [String: Key] = [
        "enter": .enter, "esc": .escape, "tab": .tab, "s-tab": .backTab,
        "up": .up, "down": .down, "left": .left, "right": .right,
        "pgup": .pageUp, "pgdn": .pageDown, "home": .home, "end": .end,
        "bs": .backspace, "del": .delete, "space": .character(" "), "lt": .character("<"),
        "wheel-up": .mouse(row: 0, column: 0, kind: .wheelUp),
        "wheel-down": .mouse(row: 0, column: 0, kind: .wheelDown),
        "resumed": .resumed, "terminate": .terminate, "hangup": .hangUp,
    ]

    private static func withArgument(_ name: Substring) -> Key? {
        if name.hasPrefix("c-") {
            let letter = name.dropFirst(2)
            return letter.count == 1 ? letter.first.map { .ctrl($0) } : nil
        }
        guard let colon = name.firstIndex(of: ":") else { return nil }
        let argument = name[name.index(after: colon)...]
        switch name[..<colon] {
        case "click": return mouse(argument, .click)
        case "release": return mouse(argument, .release)
        case "wheel-up": return mouse(argument, .wheelUp)
        case "wheel-down": return mouse(argument, .wheelDown)
        case "resize": return numbers(argument, separator: "x").map { .resize(width: $0, height: $1) }
        case "paste": return .paste(String(argument))
        default: return nil
        }
    }

    private static func mouse(_ argument: Substring, _ kind: Key.MouseKind) -> Key? {
        numbers(argument, separator: ",").map { .mouse(row: $0, column: $1, kind: kind) }
    }

    private static func numbers(_ text: Substring, separator: Character) -> (Int, Int)? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == 2, let first = Int(parts[0]), let second = Int(parts[1]) else { return nil }
        return (first, second)
    }
}

/// An unknown key name in a key script.
struct KeyScriptError: Error, Equatable, CustomStringConvertible {
    let name: String

    var description: String { "no key is called <\(name)>" }
}
