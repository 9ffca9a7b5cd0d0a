import NIOCore
import TPoTCapture
import TPoTWire

/// The phases of an exchange as bars, one after the other, followed by facts about it.
enum TimingDocument {
    private static let nameWidth = 22
    private static let timeWidth = 12

    static func document(_ content: CapturedExchange, _ model: DashboardModel, columns: Int) -> DetailDocument {
        let exchange = content.exchange
        let now = model.now.monotonic
        let phases = ExchangePhases(exchange.times, at: now)
        let whole = exchange.times.whole(at: now)
        var lines: [StyledLine] = []
        var from = TimeAmount.zero
        func add(_ name: String, _ amount: TimeAmount?, _ role: StyleRole) {
            guard let amount else { return }
            let bar = columns - nameWidth - timeWidth - 3
            lines.append(line(name, amount, role, from: from, whole: whole, columns: bar))
            from = from + amount
        }
        if phases.held > .zero { add("waited for the hold", phases.held, .barHeld) }
        let isConnected = exchange.times.connected != nil
        let isOver = exchange.state.isOver
        if let connect = phases.connect, isConnected || connect > .zero {
            add(isConnected ? "target connected" : isOver ? "target not connected" : "connecting", connect, .barConnect)
        }
        if phases.connect == nil || isConnected { add("request sent", phases.send, .barSend) }
        let hasAnswer = exchange.times.responseBegan != nil
        add(hasAnswer ? "first byte of answer" : isOver ? "no answer came" : "no answer yet", phases.wait, .barWork)
        add("answer received", phases.receive, .barAnswer)
        lines.append(StyledLine())
        lines.append(pair("whole", Formats.duration(whole) + (exchange.state.isOver ? "" : ", under way")))
        if phases.held > .zero {
            lines.append(pair("without the hold", Formats.duration(exchange.times.taken(at: now))))
        }
        if let got = VisitorOutcome.text(exchange) { lines.append(pair("the visitor got", got)) }
        lines += waits(exchange.times) + [StyledLine()] + facts(exchange, content.row, model, columns)
        return DetailDocument(lines)
    }

    private static func line(
        _ name: String,
        _ amount: TimeAmount,
        _ role: StyleRole,
        from: TimeAmount,
        whole: TimeAmount,
        columns: Int
    ) -> StyledLine {
        let time = Formats.duration(amount)
        let left = String(repeating: " ", count: max(0, timeWidth - time.count))
        var line = StyledLine([.init(padded(name), .fieldName), .init(left + time, .fieldValue)])
        guard columns > 8, whole > .zero else { return line }
        let scale = Double(min(columns, 80)) / Double(whole.nanoseconds)
        let start = Int((Double(from.nanoseconds) * scale).rounded(.down))
        let length = max(amount > .zero ? 1 : 0, Int((Double(amount.nanoseconds) * scale).rounded()))
        line.add(String(repeating: " ", count: 3 + min(start, columns - 1)))
        line.add(String(repeating: "█", count: min(length, max(0, columns - start))), role)
        return line
    }

    private static func waits(_ times: ExchangeTimes) -> [StyledLine] {
        var lines: [StyledLine] = []
        if times.waitedForVisitor > .zero {
            let text = "\(Formats.duration(times.waitedForVisitor)): it read the answer too slowly"
            lines.append(pair("waited on the visitor", text))
        }
        if times.waitedForTarget > .zero {
            let text = "\(Formats.duration(times.waitedForTarget)): it read the request too slowly"
            lines.append(pair("waited on the target", text))
        }
        // Without a connection the target read nothing, so this line would be wrong.
        if lines.isEmpty, times.connected != nil || !times.neededConnection {
            lines.append(pair("waited on each other", "no: both kept up"))
        }
        return lines
    }

    private static func facts(_ exchange: Exchange, _ row: CaptureRow, _ model: DashboardModel, _ columns: Int)
        -> [StyledLine]
    {
        var lines = [pair("came at", model.facts.timeOfDay(row.unixNanoseconds))]
        if let signature = SignatureWords(row) { lines += pairs("signature", signature.sentence, columns) }
        if let original = exchange.replayOf {
            lines.append(pair("replay of", "\(original)"))
        } else if let remote = exchange.remote {
            lines.append(pair("remote", remote.description))
        }
        if let via = exchange.via {
            lines.append(pair("forwarded for", VisibleText.text(via) + ", as the request says"))
        }
        var conversation = "\(exchange.conversation)"
        if case .visitor(let id, _) = exchange.origin { conversation += " (\(id) in the tunnel)" }
        lines.append(pair("conversation", conversation))
        lines.append(pair("from the visitor", Formats.exactBytes(exchange.bytesIn) + ", head included"))
        lines.append(pair("to the visitor", Formats.exactBytes(exchange.bytesOut) + ", head included"))
        return lines
    }

    private static func pair(_ name: String, _ value: String) -> StyledLine {
        StyledLine([.init(padded(name), .fieldName), .init(value, .fieldValue)])
    }

    /// A sentence in lines of whole words, under each other.
    private static func pairs(_ name: String, _ sentence: String, _ columns: Int) -> [StyledLine] {
        let room = max(20, columns - nameWidth)
        var rows = [""]
        for word in sentence.split(separator: " ") {
            let last = rows[rows.count - 1]
            let longer = last.isEmpty ? String(word) : "\(last) \(word)"
            if last.isEmpty || DisplayWidth.columns(longer) <= room {
                rows[rows.count - 1] = longer
            } else {
                rows.append(String(word))
            }
        }
        return rows.enumerated().map { pair($0.offset == 0 ? name : "", $0.element) }
    }

    private static func padded(_ name: String) -> String {
        name + String(repeating: " ", count: max(1, nameWidth - name.count))
    }
}
