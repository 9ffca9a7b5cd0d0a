import FoundationEssentials
import Glibc
import TestSupport

/// A real terminal with a shell, for one test: tmux on a separate socket.
final class TestTerminal: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The folder for all files of the test.
    let folder: String
    private let environment: [String: String]

    static let isAvailable = ["/usr/bin", "/usr/local/bin"].contains { folder in
        FileManager.default.isExecutableFile(atPath: "\(folder)/tmux")
    }

    /// Runs a test in a terminal that is closed afterwards.
    /// - Parameter variables: environment variables for the shell, in addition to the usual ones.
    static func with(
        columns: Int = 100,
        rows: Int = 30,
        _ variables: [String: String] = [:],
        _ body: (TestTerminal) async throws -> Void
    ) async throws {
        let terminal = try TestTerminal(variables)
        do {
            try await terminal.open(columns, rows)
            try await body(terminal)
        } catch {
            await terminal.close()
            throw error
        }
        await terminal.close()
    }

    private init(_ variables: [String: String]) throws {
        var template = Array("/tmp/tpot-terminal-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(description: "no folder below /tmp") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The built program is next to the test bundle.
        let products = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = products.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        let inherited = ProcessInfo.processInfo.environment.filter { $0.key == "LD_LIBRARY_PATH" }
        let own = [
            "PATH": "\(folder):\(path):/usr/local/bin:/usr/bin:/bin", "HOME": folder, "SHELL": "/bin/sh",
            "PS1": "ready$ ",
            "LC_ALL": "C.UTF-8",
        ]
        environment = inherited.merging(own) { $1 }.merging(variables) { $1 }
    }

    private func open(_ columns: Int, _ rows: Int) async throws {
        let size = ["-x", "\(columns)", "-y", "\(rows)"]
        // tmux sets TERM and TMUX itself, so a test's own values must be set again in the shell.
        let name = ["TERM", "TMUX"].compactMap { name in environment[name].map { "\(name)=\($0)" } }
            .joined(separator: " ")
        try await tmux(["new-session", "-d"] + size + ["-c", folder, "\(name) exec sh -i"])
        try await tmux(["pipe-pane", "-o", "cat > '\(folder)/raw'"])
        try await wait(for: "ready$")
    }

    private func close() async {
        _ = try? await tmux(["kill-server"])
        try? FileManager.default.removeItem(atPath: folder)
    }

    @discardableResult
    private func tmux(_ arguments: [String]) async throws -> String {
        let output = "\(folder)/output-\(UInt64.random(in: 0 ... .max))"
        let command = ["tmux", "-u", "-S", "\(folder)/socket", "-f", "/dev/null"] + arguments
        defer { unlink(output) }
        try await ChildProcess.run(command, environment: environment, output: output)
        return String(decoding: try Data(contentsOf: URL(filePath: output)), as: UTF8.self)
    }

    // MARK: Keys

    /// Presses keys in order, by their names in tmux: `j`, `Enter`, `C-z`.
    func press(_ keys: String...) async throws { try await tmux(["send-keys"] + keys) }

    func type(_ text: String) async throws { try await tmux(["send-keys", "-l", text]) }

    /// Types a command for the shell.
    func command(_ text: String) async throws {
        try await type(text)
        try await press("Enter")
    }

    /// Sends bytes as a terminal does for the mouse and for pasted text.
    func send(_ bytes: [UInt8]) async throws {
        try await tmux(["send-keys", "-H"] + bytes.map { String($0, radix: 16) })
    }

    func resize(columns: Int, rows: Int) async throws {
        try await tmux(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
    }

    // MARK: Screen

    func screen() async throws -> String { try await tmux(["capture-pane", "-p"]) }

    /// Waits until the screen shows a text, or no longer shows it.
    @discardableResult
    func wait(for text: String, gone: Bool = false) async throws -> String {
        try await wait(gone ? "without \(text)" : text) { $0.contains(text) != gone }
    }

    @discardableResult
    func wait(_ what: String, until isThere: (String) async throws -> Bool) async throws -> String {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(20)
        while true {
            let screen = try await screen()
            if try await isThere(screen) { return screen }
            guard clock.now < deadline else {
                throw Failure(description: "timed out waiting for \(what); the screen is\n\(screen)")
            }
            // Polls, because tmux does not report changes of the screen.
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func hasWritten(_ text: String) -> Bool {
        (try? rawBytes())?.firstRange(of: Array(text.utf8)) != nil
    }

    /// All bytes written to the terminal so far. They are recorded a moment after they are shown.
    func rawBytes() throws -> [UInt8] { try bytes(of: "raw") }

    func bytes(of file: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: "\(folder)/\(file)"))) }

    func text(of file: String) throws -> String { String(decoding: try bytes(of: file), as: UTF8.self) }

    /// The names of the files in the folder.
    func files() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder) }

    /// Adds a program to the folder, which is the first in `PATH`.
    ///
    /// Another process writes the file. Otherwise a child that another test starts at that moment could inherit the
    /// open file, and a file that is open for writing cannot be executed.
    func addProgram(_ name: String, _ lines: String...) async throws {
        let text = "#!/bin/sh\n" + lines.map { "\($0)\n" }.joined()
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name).txt"))
        let script = "cat '\(name).txt' > '\(name)' && chmod +x '\(name)'"
        try await ChildProcess.run(["sh", "-c", "cd '\(folder)' && \(script)"], environment: environment)
    }

    /// The text that was last copied into tmux's buffer.
    func buffer() async throws -> String { try await tmux(["show-buffer"]) }

    /// The modes alternate screen, cursor, mouse and keypad: `0 1 0 0` for a terminal in its initial state.
    func modes() async throws -> String {
        let format = "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_flag}"
        return try await tmux(["display-message", "-p", format]).filter { $0 != "\n" }
    }

    /// Whether all rows scroll, as in the initial state.
    func scrollsAllRows() async throws -> Bool {
        let format = "#{scroll_region_upper} #{scroll_region_lower} #{pane_height}"
        let numbers = try await tmux(["display-message", "-p", format]).split { $0 == " " || $0 == "\n" }
            .compactMap { Int($0) }
        return numbers.count == 3 && numbers[0] == 0 && numbers[1] == numbers[2] - 1
    }

    /// The process that the shell runs in the foreground.
    func foreground() async throws -> pid_t {
        let shell = try await tmux(["display-message", "-p", "#{pane_pid}"]).filter { $0 != "\n" }
        let children = try Data(contentsOf: URL(filePath: "/proc/\(shell)/task/\(shell)/children"))
        guard let child = String(decoding: children, as: UTF8.self).split(separator: " ").first,
            let number = pid_t(child)
        else { throw Failure(description: "the shell runs nothing") }
        return number
    }
}
