import TPoTDashboard
import TPoTSystem

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The escape sequence OSC 52, with which a terminal puts text into the clipboard of the machine that it runs on.
enum Clipboard {
    /// The longest text. Some terminals cut the sequence off at 100,000 bytes.
    static let maximumBytes = 74_994

    /// - Returns: nil if the text is too long.
    static func sequence(for text: String) -> [UInt8]? {
        guard text.utf8.count <= maximumBytes else { return nil }
        return Array("\u{1b}]52;c;".utf8) + Data(text.utf8).base64EncodedString().utf8 + [7]
    }
}

/// A program that puts text into a clipboard and reports whether it succeeded.
struct ClipboardProgram {
    /// The time limit. Some programs wait for a display that does not respond.
    private static let milliseconds: Int64 = 2000

    let command: [String]
    let place: CopyOutcome.Place
    /// According to the environment the program should work here, so the user is told if it does not.
    let isExpected: Bool

    private init(_ command: String..., place: CopyOutcome.Place = .clipboard, isExpected: Bool = true) {
        self.command = command
        self.place = place
        self.isExpected = isExpected
    }

    /// The programs to try, in this order. None over SSH, because their clipboard is not on the user's machine.
    /// - Parameter variable: returns an environment variable, or nil if it is missing or empty.
    static func all(_ variable: (String) -> String?) -> [ClipboardProgram] {
        guard variable("SSH_CONNECTION") == nil, variable("SSH_TTY") == nil else { return [] }
        var programs: [ClipboardProgram] = []
        if variable("WAYLAND_DISPLAY") != nil { programs.append(ClipboardProgram("wl-copy")) }
        if variable("DISPLAY") != nil {
            programs.append(ClipboardProgram("xclip", "-selection", "clipboard"))
            programs.append(ClipboardProgram("xsel", "--clipboard", "--input"))
        }
        programs.append(ClipboardProgram("pbcopy", isExpected: false))
        if variable("TMUX") != nil {
            // With -w, tmux also passes the text on to its terminal, if its settings allow it.
            programs.append(ClipboardProgram("tmux", "load-buffer", "-w", "-", place: .tmuxBuffer))
        }
        return programs
    }

    /// Runs the program with a text.
    /// - Returns: nil on success, else why it failed.
    func take(_ text: String) async -> String? {
        let process: SpawnedProcess
        do throws(SpawnedProcess.Failure) {
            process = try SpawnedProcess(command, in: .detached(input: Array(text.utf8)))
        } catch {
            return error.isMissing ? "\(command[0]) is not installed" : "\(command[0]) could not start: \(error)"
        }
        let status = await withCheckedContinuation { continuation in
            do {
                try SystemThread.start { continuation.resume(returning: process.wait(atMost: Self.milliseconds)) }
            } catch {
                continuation.resume(returning: nil)
            }
        }
        guard let status else { return "\(command[0]) did not end within 2 s" }
        return status == 0 ? nil : "\(command[0]) ended with status \(status)"
    }
}
