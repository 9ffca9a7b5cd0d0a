/// Keys for what lasts until the next run.
extension KeyBindings {
    static let keeping = KeyGroup(
        "5 6 7 8 9, ctrl-s, in the filter: ↑ ↓",
        "a number shows a kept filter, or all again; ctrl-s keeps the filter on the next free number, or frees its number; ↑ ↓ "
            + "bring back filters used before. They last, in `~/.tpot/dashboard.json`",
        DashboardMemory.keys.map { .on(.key(.character(Character("\($0)"))), contexts: .lists, .keptFilter($0)) } + [
            .on(.key(.ctrl("s")), contexts: [.lists, .typing], .keepFilter),
            .on(.key(.up), contexts: .typing, .olderFilter),
            .on(.key(.down), contexts: .typing, .newerFilter),
        ]
    )
}
