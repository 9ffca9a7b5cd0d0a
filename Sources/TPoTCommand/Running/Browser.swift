import TPoTSystem
import TPoTTerminal

/// The user's browser.
enum Browser {
    /// Opens a URL; false if no program can be started for it.
    static func open(_ url: String) -> Bool {
        ["xdg-open", "open"].contains { program in
            guard let process = try? SpawnedProcess([program, url], in: .detached()) else { return false }
            process.leave()
            return true
        }
    }
}
