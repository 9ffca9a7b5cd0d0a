/// The program's own log, newest at the bottom.
enum LogView {
    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        let list = picture.layout.list
        guard !list.isEmpty else { return }
        guard !picture.log.isEmpty else {
            screen.put(
                "nothing in the log: what tpot itself does is written here",
                row: list.lowerBound,
                column: 1,
                role: .dim
            )
            return
        }
        let column = LogText(width: screen.width, picture.facts).column
        for (index, line) in picture.log.prefix(list.count).enumerated() {
            let row = list.lowerBound + index
            if let head = line.head {
                let (level, role): (String, StyleRole) =
                    switch head.level {
                    case .debug: ("debug", .dim)
                    case .info: ("info", .accent)
                    case .warning: ("warning", .warning)
                    case .error: ("error", .failure)
                    }
                screen.put(head.time, row: row, column: 1, role: .dim)
                screen.put(level, row: row, column: column - 9, role: role)
            }
            let role: StyleRole = line.level == .debug ? .dim : .plain
            screen.put(line.text, row: row, column: column, role: role, overflow: .ellipsis)
        }
    }
}
