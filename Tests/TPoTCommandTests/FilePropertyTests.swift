import TestSupport
import Testing

@testable import TPoTCommand
@testable import TPoTSystem
@testable import TPoTWire

/// Random user files. Files that tpot writes can be read back;
/// a file that cannot be read causes an error that says where.
@Suite struct FilePropertyTests {
    // MARK: JSON

    @Test func writtenJSONIsReadBack() async {
        let counterexample = await counterexample(of: "JSON values", rounds: 1500) { random in
            let value = random.json(depth: 0)
            let text = value.formatted
            try require(text.split(separator: "\n").map(String.init).allSatisfy(Self.isHarmless), text.debugDescription)
            let read = try JSONParser.parse(text)
            try require(read == value, "\(value) was written as \(text.debugDescription) and read as \(read)")
        }
        #expect(counterexample == nil)
    }

    @Test func anyTextIsParsedAsJSONOrFailsWithALine() async {
        let counterexample = await counterexample(of: "text as JSON", rounds: 3000) { random in
            let text = random.damaged(random.json(depth: 0).formatted, Self.jsonFragments)
            let value: JSONValue
            do throws(JSONError) {
                value = try JSONParser.parse(text)
            } catch {
                let lines = 1 + text.utf8.count { $0 == UInt8(ascii: "\n") }
                try require(1...lines ~= error.line, "\(text.debugDescription): line \(error.line)")
                return
            }
            let again = try JSONParser.parse(value.formatted)
            try require(again == value, "\(text.debugDescription) was read as \(value), then as \(again)")
        }
        #expect(counterexample == nil)
    }

    private static let jsonFragments = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "\\ude00", "\\u0000", "null", "true", "-", "0",
        "1e9",
        ".5", "01", "\"a\"", "\"a\":1", "{}", "[]", "\n", "\u{feff}", "//", "é", "e\u{301}", "\u{1b}",
    ]

    // MARK: The config file

    /// `tpot config` changes only the given settings. All other members keep their values and their order.
    @Test func settingsAreMergedIntoAnyFile() async throws {
        let fixture = try CommandFixture()
        let counterexample = await counterexample(of: "config files", rounds: 250) { random in
            let before = random.configDocument()
            let text = JSONValue.object(before).formatted
            try fixture.writeConfig(text)
            let options = random.options()
            do throws(CommandError) {
                _ = try ConfigEditor.run(options: options, unset: [], configFile: nil, in: fixture.context)
            } catch {
                try require(error.status == .badConfig, "\(text): \(error)")
                try require(try fixture.text(of: ".tpot/config.json") == text, "\(text) was changed although: \(error)")
                return
            }
            let after = try ConfigFile.load(nil, in: fixture.context)
            let changed = Set(options.keys.flatMap { [$0] + $0.opposites }.map(\.rawValue))
            let kept = before.members.filter { !changed.contains($0.name) }
            let found = after.document.members.filter { !changed.contains($0.name) }
            try require(kept.elementsEqual(found) { $0 == $1 }, "\(text) became \(after.document)")
            let layer = try after.layer()
            for (setting, value) in options {
                try require(layer.values[setting] == value, "\(setting) became \(layer.values[setting] as Any)")
            }
        }
        #expect(counterexample == nil)
    }

    @Test func anyConfigFileIsLoadedOrReported() async throws {
        let fixture = try CommandFixture()
        let counterexample = await counterexample(of: "text as config", rounds: 400) { random in
            let text = random.damaged(JSONValue.object(random.configDocument()).formatted, Self.jsonFragments)
            try fixture.writeConfig(text)
            let (shown, status) = Self.shown(in: fixture)
            try require(status == nil || status == .badConfig, "\(text.debugDescription): \(shown)")
            try require(shown.allSatisfy(Self.isHarmless), "\(text.debugDescription): \(shown)")
        }
        #expect(counterexample == nil)
    }

    /// Found by the random tests: `debugDescription` leaves U+0080 to U+009F as they are,
    /// and U+009B begins terminal commands.
    @Test(arguments: [
        "{\"a\" \u{9b}2J", "{\"a\u{9b}2J\" 1}", "{\"a\u{9b}2J\": 1}", "{\"httpHost\": \"\u{9b}2J\"}",
        "{\"debug\": \"\u{9b}2J\"}", "{\"subdomain\": \"a\", \"httpHost\": \"\u{202e}a\"}",
    ])
    func aFileCannotSendCommandsToTheTerminal(text: String) throws {
        let fixture = try CommandFixture()
        try fixture.writeConfig(text)
        let shown = Self.shown(in: fixture).lines
        #expect(!shown.isEmpty && shown.allSatisfy(Self.isHarmless), "\(shown)")
    }

    /// What `tpot config` prints about the current file.
    private static func shown(in fixture: CommandFixture) -> (lines: [String], status: TPoTCommand.ExitStatus?) {
        do throws(CommandError) {
            let report = try ConfigEditor.run(options: [:], unset: [], configFile: nil, in: fixture.context)
            return (report.lines + report.warnings, nil)
        } catch {
            return ([error.message], error.status)
        }
    }

    // MARK: .env

    @Test func writtenVariablesAreReadBack() async {
        let counterexample = await counterexample(of: "variables", rounds: 1500) { random in
            var expected: [String: String] = [:]
            var text = random.once(in: 10) ? "\u{feff}" : ""
            for _ in 0...random.roll(5) {
                let name = random.pick(["A", "B", "export", "AUTH_KEY", "x.y-z", "7"])
                let value = random.line()
                expected[name] = value
                text += random.pick(["", "# a comment\n", "\n", " \t"])
                text += random.pick(["", "export "]) + name + random.pick(["=", " = "])
                text += random.written(value) + random.pick(["", " # and why"]) + random.pick(["\n", "\r\n"])
            }
            let read = Result { () throws(FileError) in try DotEnv.parse(text) }
            try require(read == .success(expected), "\(text.debugDescription) was read as \(read)")
        }
        #expect(counterexample == nil)
    }

    @Test func anyTextIsParsedAsVariablesOrFailsWithALine() async {
        let fragments = [
            "=", "A", "export ", "\"", "'", "`", "\\", "#", " #", "\n", "\r", "\u{feff}", "é", "$B", "A=1\n",
        ]
        let counterexample = await counterexample(of: "text as variables", rounds: 4000) { random in
            let text = random.damaged("A=1\nexport B='two words'\nC=\"3\\n\" # c\n", fragments)
            let variables: [String: String]
            do throws(FileError) {
                variables = try DotEnv.parse(text)
            } catch {
                let line = error.reason.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
                let lines = 1 + text.utf8.count { $0 == UInt8(ascii: "\n") }
                try require(1...lines ~= line, "\(text.debugDescription): \(error.reason)")
                return
            }
            let length = variables.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
            try require(length <= text.utf8.count, "\(text.debugDescription) was read as \(variables)")
            try require(variables.keys.allSatisfy { !$0.isEmpty }, text.debugDescription)
        }
        #expect(counterexample == nil)
    }

    private static func isHarmless(_ line: String) -> Bool { line.unicodeScalars.allSatisfy(VisibleText.isHarmless) }
}

extension SeededRandom {
    private static let scalars: [Unicode.Scalar] = [
        "a", "B", "7", " ", "\"", "\\", "/", "\n", "\t", "\u{0}", "\u{1b}", "\u{7f}", "ä", "e", "\u{301}", "\u{202e}",
        "\u{2028}", "\u{ffff}", "𝄞", "#", "'", "`", "$", "=",
    ]

    fileprivate mutating func line() -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<roll(8) { text.append(pick(Self.scalars)) }
        return String(text)
    }

    fileprivate mutating func json(depth: Int) -> JSONValue {
        switch roll(depth > 4 ? 5 : 8) {
        case 0: return pick([.null, .bool(true), .bool(false)])
        case 1: return .number(pick(["0", "-1.50", "1e400", "12345678901234567890", "-0.0E-7"]))
        case 2, 3, 4: return .string(line())
        case 5: return .array((0..<roll(4)).map { _ in json(depth: depth + 1) })
        default:
            var object = JSONObject()
            for _ in 0..<roll(5) { object[line()] = json(depth: depth + 1) }
            return .object(object)
        }
    }

    /// Settings, most of them valid, among members that are not settings.
    fileprivate mutating func configDocument() -> JSONObject {
        var object = JSONObject()
        for _ in 0..<roll(8) {
            let setting = pick(Setting.allCases)
            switch roll(6) {
            case 0: object[line()] = json(depth: 3)
            case 1: object[setting.rawValue] = json(depth: 4)
            default:
                switch setting.kind {
                case .flag: object[setting.rawValue] = pick([.bool(true), .string("false"), .number("1"), .null])
                case .number: object[setting.rawValue] = pick([.number("8080"), .string("8080"), .number("-1")])
                case .names: object[setting.rawValue] = pick([.array([.string("X-Pin")]), .string("a,b"), .array([])])
                case .text, .path: object[setting.rawValue] = pick([.string("a.example"), .string("/a"), .string("")])
                }
            }
        }
        return object
    }

    fileprivate mutating func options() -> [Setting: SettingValue] {
        let all: [Setting: SettingValue] = [
            .subdomain: .text("shop"), .debug: .flag(true), .noUi: .flag(false),
            .tpotServer: .text("https://a.example"),
            .httpHost: .text("b.example:80"), .serverCa: .path, .logFormat: .text("json"),
        ]
        return all.filter { _ in once(in: 3) }
    }

    /// A value, in one of the notations that can hold it.
    fileprivate mutating func written(_ value: String) -> String {
        // By scalars, because a quote with a combining accent is one character but still a quote.
        let escaped = value.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case "\n": pick(["\n", "\\n"])
            default: String(scalar)
            }
        }.joined()
        var spellings = ["\"\(escaped)\""]
        if !value.unicodeScalars.contains("'") { spellings.append("'\(value)'") }
        if !value.unicodeScalars.contains("`") { spellings.append("`\(value)`") }
        let isPlain = value.allSatisfy { $0.isLetter || $0.isNumber || $0 == "$" || $0 == "=" }
        if isPlain { spellings.append(value) }
        return pick(spellings)
    }

    /// A text with fragments inserted, pieces removed and bytes changed; sometimes only fragments.
    fileprivate mutating func damaged(_ text: String, _ fragments: [String]) -> String {
        if once(in: 4) { return (0...roll(12)).map { _ in pick(fragments) }.joined() }
        var bytes = Array(text.utf8)
        for _ in 0..<roll(4) { bytes.insert(contentsOf: pick(fragments).utf8, at: roll(bytes.count + 1)) }
        return String(decoding: once(in: 2) ? mutate(bytes) : bytes, as: UTF8.self)
    }
}

extension SettingValue {
    fileprivate static let path = SettingValue.text("/etc/ca.pem")
}
