/// Keys for what the list shows: kept filters, its order and its columns.
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

    static let sorting = KeyGroup(
        "s",
        "sort by how long they took, size, status, event; then by arrival again",
        [
            .on("s", contexts: .requests, .sort)
        ],
        hints: [.init(key: "s", label: "sort", contexts: .requests, order: 105, needs: .requests)]
    )

    static let choosing = KeyGroup(
        "c then ↑ ↓ j k space 1 2 3 4 5 6 7 enter",
        "choose the columns of the list: space or its number shows or hides one. The choice lasts",
        [
            .on("c", contexts: .requests, .chooseColumns),
            .on("c", .key(.enter), contexts: .columns, .back),
            .on(.key(.up), "k", contexts: .columns, .up),
            .on(.key(.down), "j", contexts: .columns, .down),
            .on(" ", contexts: .columns, .toggleColumn(nil)),
        ]
            + (1...ColumnUpdate.columns.count).map {
                .on(.key(.character(Character("\($0)"))), contexts: .columns, .toggleColumn($0))
            },
        hints: [
            .init(key: "c", label: "columns", contexts: .requests, order: 115, needs: .requests),
            .init(key: "space", label: "show or hide", contexts: .columns, order: 5),
        ]
    )
}
