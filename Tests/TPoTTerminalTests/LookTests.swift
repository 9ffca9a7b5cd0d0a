import TPoTDashboard
import TestSupport
import Testing

@testable import TPoTTerminal

/// The bytes that reach the terminal.
@Suite(.serialized, .enabled(if: TestTerminal.isAvailable, "tmux is not installed"), .timeLimit(.minutes(3)))
struct LookTests {
    /// Sequences that set the title, write the clipboard, clear the screen (also with an 8-bit control) and reverse a
    /// line.
    private static let attack = "\u{1b}]0;owned\u{7}\u{1b}]52;c;b3duZWQ=\u{7}\u{1b}[2J\u{9b}2J\u{202e}"

    @Test func escapeSequencesOfAVisitorDoNotReachTheTerminal() async throws {
        try await TestTunnel.with(columns: 136) { tunnel in
            let terminal = tunnel.terminal
            // Our own server refuses ASCII control characters in a head, so use 8-bit ones.
            let field = Self.attack.replacing("\u{1b}", with: "\u{9b}").replacing("\u{7}", with: "\u{9c}")
            let answer = try await tunnel.visit(
                "POST /\u{9b}2J\u{202e}/owned",
                fields: "X-Attack: \(field)\r\nX-Forwarded-For: \(field)\r\n",
                body: Self.attack + "\n"
            )
            #expect(answer.contains("X-Attack: \(field)\r\n"), "it passes as it is")
            try await terminal.wait(for: #"/\u{9b}2J\u{202e}"#)
            try await terminal.press("Enter", "Enter")
            try await terminal.wait(
                for: #"X-Attack: \u{9b}]0;owned\u{9c}\u{9b}]52;c;b3duZWQ=\u{9c}\u{9b}[2J\u{9b}2J\u{202e}"#
            )
            try await terminal.press("b", "b", "b", "Right")
            try await terminal.wait(for: #"X-Attack: \u{9b}]0;owned"#)
            try await terminal.press("Right", "Escape", "Escape", "2")
            try await terminal.wait(for: "Last request")
            try await terminal.press("/")
            let pasted = Self.attack.replacing("\u{1b}", with: "\u{9b}")
            try await terminal.send(Array("\u{1b}[200~\(pasted)\u{1b}[201~".utf8))
            try await terminal.wait(for: #"filter: \u{9b}]0;owned"#)
            try await terminal.press("Escape", "q", "q")
            #expect(try await tunnel.ended().isRestored)
            let raw = try terminal.rawBytes()
            // The dashboard itself clears the screen at its start, so that sequence is not checked.
            for hostile in ["\u{1b}]", "\u{9b}", "\u{202e}", "owned\u{7}", "b3duZWQ=\u{7}"] {
                #expect(raw.firstRange(of: Array(hostile.utf8)) == nil, "\(hostile.unicodeScalars.map(\.value))")
            }
        }
    }

    @Test func noColorTurnsColoursOff() async throws {
        for (variables, hasColours) in [(["NO_COLOR": "1"], false), ([:], true)] {
            try await TestTunnel.with(["TERM": "xterm-256color"].merging(variables) { $1 }) { tunnel in
                try await tunnel.visit("GET /fail")
                try await tunnel.terminal.wait(for: " 500 ")
                try await tunnel.terminal.press("p", "Enter")
                try await tunnel.terminal.wait(for: "■ held")
                try await tunnel.terminal.wait(for: "1 Request ── 2 Response")
                try await tunnel.terminal.press("C-c")
                #expect(try await tunnel.ended().isRestored)
                #expect(Self.colours(try tunnel.terminal.rawBytes()).isEmpty != hasColours)
            }
        }
    }

    /// The parameters of SGR sequences that set colours.
    private static func colours(_ raw: [UInt8]) -> [Substring] {
        String(decoding: raw, as: UTF8.self).matches(of: /\u{1b}\[([0-9;]*)m/).flatMap {
            $0.output.1.split(separator: ";")
        }
        .filter { parameter in
            Int(parameter).map { (30...38).contains($0) || (40...48).contains($0) || $0 >= 90 } ?? false
        }
    }

    @Test func inALocaleWithoutUTF8AllOutputIsASCII() async throws {
        try await TestTunnel.with(["LC_ALL": "C"]) { tunnel in
            try await tunnel.visit("GET /%20/\u{e4}\u{65e5}\u{672c}")
            try await tunnel.terminal.wait(for: ">   1 ")
            try await tunnel.terminal.press("Enter")
            try await tunnel.terminal.wait(for: "-- 1 Request -- 2 Response -- 3 Timing --")
            try await tunnel.terminal.press("C-c")
            #expect(try await tunnel.ended().isRestored)
            #expect(try tunnel.terminal.rawBytes().allSatisfy { $0 < 0x80 })
        }
    }
}
