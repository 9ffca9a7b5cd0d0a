import TPoTTraffic

/// The program's own log, newest at the bottom.
enum LogView {
    static func draw(_ picture: DashboardPicture, on screen: inout Screen) {
        let list = picture.layout.list
        guard !list.isEmpty else { return }
        guard !picture.log.isEmpty else {
            screen.put("nothing in the log", row: list.lowerBound, column: 1, role: .dim)
            return
        }
        for (line, entry) in picture.log.prefix(list.count).enumerated() {
            let row = list.lowerBound + line
            let time = picture.facts.timeOfDay(entry.unixNanoseconds)
            let (level, role): (String, StyleRole) =
                switch entry.level {
                case .debug: ("debug", .dim)
                case .info: ("info", .accent)
                case .warning: ("warning", .warning)
                case .error: ("error", .failure)
                }
            screen.put(time, row: row, column: 1, role: .dim)
            screen.put(level, row: row, column: 15, role: role)
            let text = VisibleText.text(entry.text, limit: 2000)
            screen.put(text, row: row, column: 24, role: entry.level == .debug ? .dim : .plain, overflow: .ellipsis)
        }
    }
}
