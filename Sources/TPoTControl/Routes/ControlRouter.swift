import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import TPoTCapture
import TPoTWire

/// Answers requests with what a process has. What may wait for the disk runs on threads for that.
final class ControlRouter: Sendable {
    let service: any ControlService
    let hub: ExchangeHub
    /// Exchanges up to this number are no longer in ngrok's list.
    let clearedUpTo = NIOLockedValueBox<UInt64>(0)
    private let pool: NIOThreadPool

    init(_ service: any ControlService, _ pool: NIOThreadPool) {
        self.service = service
        self.pool = pool
        hub = ExchangeHub(service.exchanges.store, service.bus, service.words)
    }

    func answer(_ request: ControlRequest, on eventLoop: any EventLoop) -> EventLoopFuture<ControlAnswer> {
        // Its threads are made when they are needed first.
        pool.start()
        let route: ControlRoute
        do throws(ControlRefusal) {
            route = try ControlRoute(request.method, request.path)
            switch route {
            case .index: return eventLoop.makeSucceededFuture(index)
            case .status: return eventLoop.makeSucceededFuture(try status(request))
            case .events: return eventLoop.makeSucceededFuture(try events(request))
            case .hold:
                try service.hold(try text("filter", in: request))
                return eventLoop.makeSucceededFuture(try status(request))
            case .release:
                service.release()
                return eventLoop.makeSucceededFuture(try status(request))
            case .stop:
                service.stop()
                return eventLoop.makeSucceededFuture(try status(request))
            default: break
            }
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
        if case .replay(let number) = route { return replay(number, request, on: eventLoop) }
        return pool.runIfActive(eventLoop: eventLoop) { try self.answer(route, request) }
    }

    /// What needs the store for longer, or the history.
    private func answer(_ route: ControlRoute, _ request: ControlRequest) throws(ControlRefusal) -> ControlAnswer {
        switch route {
        case .exchanges: try exchanges(request)
        case .exchange(let number): try exchange(number, request)
        case .metrics: .whole(.ok, .metrics, ControlMetrics(service).bytes)
        case .agentTunnels: agentTunnels()
        case .agentTunnel(let name): try agentTunnel(name)
        case .agentRequests: try agentRequests(request)
        case .agentRequest(let number): try agentRequest(number)
        case .agentReplay: try agentReplay(request)
        case .agentClear: agentClear()
        case .index, .status, .events, .hold, .release, .stop, .replay: index
        }
    }

    private var index: ControlAnswer {
        .json { json in
            json.add("type", "tpot")
            json.add("version", service.status().version)
            json.add(
                "paths",
                "GET /v1/status, /v1/exchanges, /v1/exchanges/N, /v1/events, /metrics, /api/tunnels, /api/requests/http;"
                    + " POST /v1/exchanges/N/replay, /v1/hold, /v1/release, /v1/stop, /api/requests/http"
            )
        }
    }

    private func status(_ request: ControlRequest) throws(ControlRefusal) -> ControlAnswer {
        try request.query.check(known: [])
        return .json { json in service.status().write(to: &json, time: time) }
    }

    var time: String {
        UTCTime.rfc3339(unixNanoseconds: service.exchanges.store.clock.read().unixNanoseconds)
    }

    // MARK: Exchanges

    private func exchanges(_ request: ControlRequest) throws(ControlRefusal) -> ControlAnswer {
        let parameters = request.query
        try parameters.check(
            known: ["filter", "limit", "before", "after", "since", "finished", "earlier", "format"]
        )
        var query = ExchangeSource.Query()
        query.filter = try filter(parameters)
        query.before = try parameters.number("before")
        query.after = try parameters.number("after")
        query.since = try since(parameters)
        query.isFinished = try parameters.flag("finished")
        query.includesEarlier = try parameters.flag("earlier")
        query.isOldestFirst = query.after != nil && query.before == nil
        query.limit = try parameters.number("limit") ?? query.limit
        guard (1...ControlLimits.page).contains(query.limit) else {
            throw ControlRefusal(.badRequest, "limit is \(query.limit); write 1 to \(ControlLimits.page)")
        }
        let form = try form(parameters)
        let page = try service.exchanges.page(query)
        let words = service.words
        switch form {
        case .lines, .text:
            var bytes: [UInt8] = []
            for content in page.contents {
                bytes += form == .text ? words.text(content.row) : words.json(content.row)
                bytes.append(UInt8(ascii: "\n"))
            }
            return .whole(.ok, form == .text ? .text : .lines, bytes)
        case .json:
            var bytes = Array("{\"type\":\"exchanges\",\"persistent\":\(service.status().isPersistent),".utf8)
            bytes += "\"more\":\(page.hasMore),\"exchanges\":[".utf8
            for (index, content) in page.contents.enumerated() {
                if index > 0 { bytes += ",\n".utf8 }
                bytes += words.json(content.row)
            }
            return .whole(.ok, .json, bytes + Array("]}\n".utf8))
        }
    }

    private func exchange(_ number: UInt64, _ request: ControlRequest) throws(ControlRefusal) -> ControlAnswer {
        try request.query.check(known: [])
        return .whole(.ok, .json, service.words.detail(try found(number)) + Array("\n".utf8))
    }

    func found(_ number: UInt64) throws(ControlRefusal) -> CapturedExchange {
        guard let content = try service.exchanges.find(number) else {
            throw ControlRefusal(.notFound, "there is no request \(number)")
        }
        return content
    }

    private func events(_ request: ControlRequest) throws(ControlRefusal) -> ControlAnswer {
        try request.query.check(known: ["filter", "format"])
        let queue = EventQueue(try filter(request.query), try form(request.query))
        queue.onClose { [hub, weak queue] in if let queue { hub.remove(queue) } }
        hub.add(queue)
        return .events(queue)
    }

    /// Answers with the replay, once it is over.
    private func replay(
        _ number: UInt64,
        _ request: ControlRequest,
        on eventLoop: any EventLoop
    ) -> EventLoopFuture<ControlAnswer> {
        let wait = ReplayWait(number, eventLoop.makePromise(of: ControlAnswer.self))
        let started = pool.runIfActive(eventLoop: eventLoop) { [self] in
            try request.query.check(known: ["wait"])
            let waits = try request.query["wait"] == nil || request.query.flag("wait")
            let content = try found(number)
            if waits { hub.add(wait) }
            try service.replay(content)
            guard !waits else { return }
            wait.end(.json(.accepted) { json in json.add("replayOf", Int(clamping: number)) })
        }
        started.whenFailure { wait.fail($0) }
        let timer = eventLoop.scheduleTask(in: ReplayWait.limit) {
            wait.fail(ControlRefusal(.gatewayTimeout, "the replay of \(number) goes on: it is not over yet"))
        }
        return wait.promise.futureResult.always { [hub] _ in
            timer.cancel()
            hub.remove(wait)
        }
    }

    // MARK: Parameters

    func filter(_ parameters: ControlQuery) throws(ControlRefusal) -> CaptureFilter {
        let filter = CaptureFilter(parameters["filter"] ?? "")
        if let hint = filter.hint { throw ControlRefusal(.badRequest, "filter: \(hint)") }
        return filter
    }

    private func form(_ parameters: ControlQuery) throws(ControlRefusal) -> ExchangeForm {
        guard let text = parameters["format"] else { return .json }
        guard let form = ExchangeForm(rawValue: text) else {
            let forms = ExchangeForm.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlRefusal(.badRequest, "format is \(text.debugDescription); write \(forms)")
        }
        return form
    }

    /// A number of seconds ago, such as `90s`, or a time since 1970 in milliseconds.
    private func since(_ parameters: ControlQuery) throws(ControlRefusal) -> Int64? {
        guard let text = parameters["since"] else { return nil }
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        if let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()), number > 0,
            number <= 3_153_600_000 / unit
        {
            return service.exchanges.store.clock.read().unixNanoseconds - number * unit * 1_000_000_000
        }
        if let milliseconds = Int64(text), (0...9_000_000_000_000).contains(milliseconds) {
            return milliseconds * 1_000_000
        }
        throw ControlRefusal(
            .badRequest,
            "since is \(text.debugDescription); write 90s, 30m, 12h or 7d, or milliseconds since 1970"
        )
    }

    /// A text in the object of a request's body. Without a body there is none.
    func text(_ name: String, in request: ControlRequest) throws(ControlRefusal) -> String? {
        guard let object = try object(in: request) else { return nil }
        switch object[name] {
        case nil, .null?: return nil
        case .string(let text)?: return text
        case .number(let text)?: return text
        case let value?: throw ControlRefusal(.badRequest, "\"\(name)\" is \(value.kindName); write text")
        }
    }

    private func object(in request: ControlRequest) throws(ControlRefusal) -> JSONObject? {
        guard !request.body.isEmpty else { return nil }
        do throws(JSONError) {
            return try JSONParser.object(String(decoding: request.body, as: UTF8.self)).object
        } catch {
            throw ControlRefusal(.badRequest, "the body is not JSON: \(error.reason)")
        }
    }
}

/// Waits for a replay to end.
private final class ReplayWait: ExchangeListener {
    static let limit = TimeAmount.seconds(60)

    let filter = CaptureFilter("is:replay")
    let form = ExchangeForm.lines
    let promise: EventLoopPromise<ControlAnswer>
    private let original: UInt64
    private let isOver = NIOLockedValueBox(false)

    init(_ original: UInt64, _ promise: EventLoopPromise<ControlAnswer>) {
        self.original = original
        self.promise = promise
    }

    func take(_ exchange: CapturedExchange, _ text: [UInt8]) {
        guard exchange.exchange.replayOf == original else { return }
        // What stands between `data: ` and the empty line.
        let start = text.firstIndex(of: UInt8(ascii: "{")) ?? text.startIndex
        end(.whole(.ok, .json, Array(text[start...].dropLast())))
    }

    func lost(exchanges: Int, events: Int) {}

    func end(_ answer: ControlAnswer) { if isFirst() { promise.succeed(answer) } }

    func fail(_ error: any Error) { if isFirst() { promise.fail(error) } }

    private func isFirst() -> Bool {
        isOver.withLockedValue { isOver in
            defer { isOver = true }
            return !isOver
        }
    }
}
