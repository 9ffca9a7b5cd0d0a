/// The user's browser.
enum Browser {
    /// False if there is no program to open it with.
    static func open(_ url: String) -> Bool {
        ["xdg-open", "open"].contains { DetachedProcess.start([$0, url]) }
    }
}
