import TPoTSystem
import TPoTTerminal

/// The user's browser.
enum Browser {
    /// False if there is no program to open it with.
    static func open(_ url: String) -> Bool {
        ["xdg-open", "open"].contains { program in
            guard let process = try? SpawnedProcess([program, url], in: .detached()) else { return false }
            process.leave()
            return true
        }
    }
}
