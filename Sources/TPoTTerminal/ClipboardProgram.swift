import TPoTDashboard
import TPoTSystem

/// A program that puts text into a clipboard, and says whether it could.
struct ClipboardProgram {
    /// How long it may take: some wait for a display that does not answer.
    private static let milliseconds: Int64 = 2000

    let command: [String]
    let place: CopyOutcome.Place
    /// The environment says that it should work here: if it does not, that is told.
    let isExpected: Bool

    private init(_ command: String..., place: CopyOutcome.Place = .clipboard, isExpected: Bool = true) {
        self.command = command
        self.place = place
        self.isExpected = isExpected
    }

    /// Those to try, in this order. None over SSH: their clipboard is not that of the machine in front of the user.
    /// - Parameter variable: of the environment; nil for an empty one.
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
            // With -w tmux hands it on to the terminal that it is in, as far as it is allowed to.
            programs.append(ClipboardProgram("tmux", "load-buffer", "-w", "-", place: .tmuxBuffer))
        }
        return programs
    }

    /// Gives it a text.
    /// - Returns: nil if it has taken it, else why not.
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
