import NIOCore
import TPoTCapture
import TPoTDashboard
import TPoTHistory
import TPoTInspect
import TPoTWire

/// An exchange as one object of JSON, the same for every command and API. `.github/OUTPUT.md` describes the fields.
struct ExchangeJSON {
    /// Writes the fields of a row.
    static func write(_ row: CaptureRow, _ mask: SecretMask, to line: inout JSONLine) {
        let exchange = row.exchange
        line.add("number", row.number)
        if let remote = exchange.remote { line.add("remote", remote) }
        if let via = exchange.via { line.add("forwardedFor", via) }
        line.add("method", exchange.method)
        line.add("path", mask.url(exchange.target))
        if let status = exchange.status { line.add("status", status) } else { line.addNull("status") }
        if let ended = exchange.times.ended {
            line.addMilliseconds("ms", exchange.times.whole(at: ended).nanoseconds / 1000)
        }
        line.add("in", exchange.bytesIn)
        line.add("out", exchange.bytesOut)
        if case .aborted(let abort) = exchange.state { line.add("why", ExchangeEnd(abort).rawValue) }
        if let progress = progress(exchange.state) { line.add("state", progress) }
        line.add("failed", exchange.isFailed)
        if let sender = row.delivery?.sender { line.add("sender", Array(sender.utf8)) }
        if let event = row.delivery?.event { line.add("event", Array(event.utf8)) }
        if let id = row.delivery?.id { line.add("delivery", Array(id.utf8)) }
        if let verdict = row.signature, verdict != .noSecret {
            line.add("signature", json: signature(verdict, row.delivery?.signature))
        }
        if row.repetition > 1 { line.add("repetition", row.repetition) }
        if let type = row.responseType { line.add("responseType", Array(type.utf8)) }
        if let original = exchange.replayOf { line.add("replayOf", original) }
        if let edit = row.replay?.edit { line.add("edit", Array(edit.utf8)) }
        if let verdict = row.replay?.verdict { line.add("verdict", verdict.word) }
        if row.isFixed { line.add("fixed", true) }
        if row.isMarked { line.add("marked", true) }
    }

    /// How an exchange that is not over is getting on; nil for one that is.
    private static func progress(_ state: ExchangeState) -> String? {
        switch state {
        case .waitsForHold: "held"
        case .connecting: "connecting"
        case .waitingForAnswer: "waiting"
        case .streaming: "answering"
        case .upgraded: "upgraded"
        case .finished, .aborted: nil
        }
    }

    private static func signature(_ verdict: SignatureVerdict, _ scheme: SignatureScheme?) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.add("verdict", verdict.word)
            if let scheme { json.add("scheme", scheme.settingName) }
            if let place = verdict.place { json.add("place", place) }
            if let seconds = verdict.seconds {
                json.add("seconds", Int(seconds.off))
                json.add("allowedSeconds", Int(seconds.allowed))
            }
            if case .cannotTell(let reason) = verdict { json.add("reason", reason.rawValue) }
        }
        return json.bytes
    }

    static func line(_ row: CaptureRow, _ mask: SecretMask) -> [UInt8] {
        var line = JSONLine(type: "exchange", unixNanoseconds: row.unixNanoseconds)
        write(row, mask, to: &line)
        var bytes: [UInt8] = []
        line.append(to: &bytes)
        return bytes
    }
}

/// An exchange as a line of a table for people. Nothing in it comes from the network as it is.
struct ExchangeText {
    static let head = columns(
        number: "#",
        time: "Time",
        remote: "Remote",
        status: "Status",
        took: "Took",
        request: "Request",
        event: "Event"
    )

    static func line(_ row: CaptureRow, _ mask: SecretMask) -> String {
        let exchange = row.exchange
        let took = exchange.times.ended.map { Formats.duration(exchange.times.taken(at: $0)) } ?? ""
        let remote =
            exchange.replayOf.map { "replay of \($0)" } ?? exchange.via.map { VisibleText.text($0) }
            ?? exchange.remote?.description ?? ""
        let request =
            VisibleText.text(exchange.method) + " " + VisibleText.text(mask.url(exchange.target), limit: 200)
        var event = ExchangeWords.event(row)
        if let verdict = row.replay?.verdict {
            event += event.isEmpty ? ExchangeWords.verdict(verdict) : "  " + ExchangeWords.verdict(verdict)
        }
        return columns(
            number: "\(row.number)",
            time: LocalTime.seconds(unixNanoseconds: row.unixNanoseconds),
            remote: remote,
            status: ExchangeWords.status(exchange),
            took: took,
            request: request,
            event: event
        )
    }

    private static func columns(
        number: String,
        time: String,
        remote: String,
        status: String,
        took: String,
        request: String,
        event: String
    ) -> String {
        func pad(_ text: String, _ width: Int, right: Bool = false) -> String {
            let blanks = String(repeating: " ", count: max(0, width - text.count))
            return right ? blanks + text : text + blanks
        }
        let line =
            "\(pad(number, 6, right: true))  \(pad(time, 19))  \(pad(remote, 21))  \(pad(status, 6))"
            + "  \(pad(took, 8, right: true))  \(pad(request, 40))  \(event)"
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}
