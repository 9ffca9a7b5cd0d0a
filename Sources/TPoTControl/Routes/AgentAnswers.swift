import NIOCore
import NIOHTTP1
import TPoTCapture
import TPoTWire

/// The answers at the paths of ngrok's agent, with its names, for scripts that read them.
extension ControlRouter {
    func agentTunnels() -> ControlAnswer {
        let status = service.status()
        return .json { json in
            json.array("tunnels") { json in
                if status.url != nil { json.object { agentTunnel(status, to: &$0) } }
            }
            json.add("uri", "/api/tunnels")
        }
    }

    func agentTunnel(_ name: String) throws(ControlRefusal) -> ControlAnswer {
        let status = service.status()
        // `command_line` is ngrok's name of the only tunnel of a command.
        guard status.url != nil, status.isMeant(by: name) || name == "command_line" else {
            throw ControlRefusal(.notFound, "there is no tunnel \(name.prefix(80).debugDescription)")
        }
        return .json { agentTunnel(status, to: &$0) }
    }

    private func agentTunnel(_ status: ControlStatus, to json: inout JSONWriter) {
        let totals = service.exchanges.store.totals()
        let url = status.url ?? ""
        json.add("name", status.title)
        json.add("ID", "\(status.process)")
        json.add("uri", "/api/tunnels/\(status.title.replacing(" ", with: "%20"))")
        json.add("public_url", url)
        json.add("proto", url.hasPrefix("https:") ? "https" : "http")
        json.object("config") { json in
            json.add("addr", status.target)
            json.add("inspect", true)
        }
        json.object("metrics") { json in
            json.object("conns") { json in
                json.add("count", totals.conversations)
                json.add("gauge", totals.open)
                Self.rates([0, 0, 0], totals.percentiles, to: &json)
            }
            json.object("http") { json in
                json.add("count", totals.requests)
                // The seconds that are over of the last minute are all that is known.
                let perSecond = totals.rates.dropLast().reduce(0, +) * 1000 / max(1, totals.rates.count - 1)
                Self.rates([perSecond, 0, 0], totals.percentiles, to: &json)
            }
        }
    }

    /// - Parameter rates: in thousandths a second.
    private static func rates(_ rates: [Int], _ percentiles: TrafficPercentiles?, to json: inout JSONWriter) {
        for (name, rate) in zip(["rate1", "rate5", "rate15"], rates) { json.add(name, thousandths: Int64(rate)) }
        // In nanoseconds. A 95th percentile is not kept.
        let times = percentiles.map { [$0.p50, $0.p90, $0.p99, $0.p99] } ?? Array(repeating: .zero, count: 4)
        for (name, time) in zip(["p50", "p90", "p95", "p99"], times) { json.add(name, Int(time.nanoseconds)) }
    }

    // MARK: Requests

    func agentRequests(_ request: ControlRequest) throws(ControlRefusal) -> ControlAnswer {
        var query = ExchangeSource.Query()
        query.after = clearedUpTo.withLockedValue { $0 }
        query.limit = min(max(1, try request.query.number("limit") ?? 50), ControlLimits.page)
        let name = request.query["tunnel_name"]
        let isMeant = name.map { service.status().isMeant(by: $0) || $0 == "command_line" } ?? true
        let page = isMeant ? try service.exchanges.page(query) : ExchangeSource.Page()
        var contents: [CapturedExchange] = []
        for row in page.contents.reversed() {
            // The list of the history has no heads.
            contents.append(row.requestHead == nil ? try service.exchanges.find(row.number) ?? row : row)
        }
        let title = service.status().title
        return .json { json in
            json.add("uri", "/api/requests/http")
            json.array("requests") { json in
                for content in contents { json.object { self.agentRequest(content, title, to: &$0) } }
            }
        }
    }

    func agentRequest(_ number: UInt64) throws(ControlRefusal) -> ControlAnswer {
        let content = try found(number)
        let title = service.status().title
        return .json { agentRequest(content, title, to: &$0) }
    }

    private func agentRequest(_ content: CapturedExchange, _ tunnel: String, to json: inout JSONWriter) {
        let exchange = content.exchange
        json.add("uri", "/api/requests/http/\(content.number)")
        json.add("id", "\(content.number)")
        json.add("tunnel_name", tunnel)
        json.add("remote_addr", exchange.via ?? exchange.remote?.description ?? "")
        json.add("start", UTCTime.rfc3339(unixNanoseconds: content.row.unixNanoseconds))
        json.add("duration", Int(exchange.times.whole(at: exchange.times.ended ?? .now()).nanoseconds))
        if let head = content.requestHead.map(service.words.head) {
            json.object("request") { json in
                json.add("method", HTTPText.text(exchange.method))
                json.add("proto", HTTPText.requestVersion(head))
                Self.headers(head, to: &json)
                json.add("uri", Self.target(head))
                json.add("raw", Base64.text(head + content.requestBody.bytes))
            }
        }
        guard let head = content.responseHead.map(service.words.head) else { return }
        json.object("response") { json in
            let status = exchange.status ?? 0
            json.add("status", "\(status) \(HTTPText.reason(head))")
            json.add("status_code", status)
            json.add("proto", HTTPText.responseVersion(head))
            Self.headers(head, to: &json)
            json.add("raw", Base64.text(head + content.responseBody.bytes))
        }
    }

    private static func target(_ head: [UInt8]) -> String {
        let words = HTTPText.firstLine(head).split(separator: 0x20)
        return words.count > 1 ? HTTPText.text(Array(words[1])) : ""
    }

    /// Names as Go writes them, each with all its values.
    private static func headers(_ head: [UInt8], to json: inout JSONWriter) {
        var values: [(name: String, values: [String])] = []
        for field in HTTPText.fields(head) {
            let name = canonical(field.nameText)
            let value = HTTPText.text(Array(field.value))
            if let index = values.firstIndex(where: { $0.name == name }) {
                values[index].values.append(value)
            } else {
                values.append((name, [value]))
            }
        }
        json.object("headers") { json in
            for (name, values) in values {
                json.array(name) { json in for value in values { json.element(value) } }
            }
        }
    }

    private static func canonical(_ name: String) -> String {
        name.split(separator: "-", omittingEmptySubsequences: false)
            .map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }.joined(separator: "-")
    }

    // MARK: Actions

    func agentReplay(_ request: ControlRequest) throws(ControlRefusal) -> ControlAnswer {
        guard let text = try text("id", in: request), let number = UInt64(text) else {
            throw ControlRefusal(.badRequest, "write which request to replay: {\"id\": \"412\"}")
        }
        try service.replay(try found(number))
        return .done
    }

    func agentClear() -> ControlAnswer {
        let store = service.exchanges.store
        let newest = store.contents(in: 0 ... .max, oldestFirst: false, count: 1).first?.number
        let saved = try? service.exchanges.page(ExchangeSource.Query(limit: 1)).contents.last?.number
        store.clearUnmarked()
        clearedUpTo.withLockedValue { $0 = max($0, newest ?? 0, saved ?? 0) }
        return .done
    }
}

/// Base64 of RFC 4648.
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var word: UInt32 = 0
            for offset in 0..<3 { word = word << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0) }
            for place in 0..<4 {
                let digit = Int(word >> UInt32(18 - 6 * place) & 63)
                result.append(place <= count ? digits[digit] : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
