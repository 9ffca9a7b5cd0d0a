import NIOCore
import TPoTCapture
import TPoTTraffic
import TPoTWire

/// Reads one entry of an HTTP Archive after the other.
struct HAREntryReader {
    /// Why an entry cannot be read. It follows "entry 17".
    struct Failure: Error {
        var reason: String
    }

    /// An exchange whose number is not decided yet.
    struct Draft {
        var exchange: CapturedExchange
        /// The number that the file says, if it is one of ours.
        var number: UInt64?
    }

    private let limits: HARLimits
    private var bodyBytesLeft: Int
    private(set) var bodiesLeftOut = 0
    /// When the first entry began.
    private var first: Int64?
    /// Conversations by the file's names for connections.
    private var conversations: [String: ConversationNumber] = [:]
    private var lastConversation: ConversationNumber = 0

    init(_ limits: HARLimits) {
        self.limits = limits
        bodyBytesLeft = limits.allBodyBytes
    }

    mutating func read(_ value: JSONSlice) throws(Failure) -> Draft {
        guard value.kind == .object else { throw Failure(reason: "is \(value.kind.rawValue), not an object") }
        let entry = value.members([
            "startedDateTime", "time", "timings", "request", "response", "connection", "_number", "_remote", "_via",
            "_replayOf", "_marked", "_outcome", "_reason", "_resourceType", "_webSocketMessages",
        ])
        guard let request = try members("request", of: entry, Self.requestNames) else {
            throw Failure(reason: "has no request")
        }
        let response = try members("response", of: entry, Self.responseNames) ?? [:]
        let number = Self.number(entry["_number"])
        let unixNanoseconds = try Self.start(entry)
        let began = HARTimes.deadline(unixNanoseconds, first: first ?? unixNanoseconds)
        first = first ?? unixNanoseconds
        var socket: HARFrames?
        let status = try Self.status(response)
        if Self.isSocket(entry, status) {
            socket = HARFrames(
                entry["_webSocketMessages"],
                limit: bodyLimit,
                began: began,
                unixNanoseconds: unixNanoseconds
            )
        }
        if let socket {
            note(socket.requestBody)
            note(socket.responseBody)
        }
        var message = try self.request(request, isOurs: number != nil, isSocket: socket != nil)
        let answer = try self.response(response, socket == nil ? status : 101, isSocket: socket != nil)
        if let socket { message.body = socket.requestBody }
        let isOpaque = answer?.isOpaque(message.method) ?? message.method.isEmpty
        let state = Self.state(entry, response, isAnswered: answer != nil)
        var times = HARTimes(
            began: began,
            entry,
            isOurs: number != nil,
            isAnswered: answer != nil,
            isOpaque: isOpaque,
            neededConnection: state.isWithoutConnection
        ).times
        if let socket { times.ended = max(times.ended ?? began, socket.end) }
        var exchange = Exchange(
            number: 0,
            conversation: conversation(entry["connection"], isOurs: number != nil),
            origin: Self.origin(entry),
            via: entry["_via"]?.string(limit: 64) ?? message.head.flatMap(ForwardedAddress.find),
            state: state,
            times: times
        )
        exchange.method = Array(message.method.prefix(Exchange.methodLimit))
        exchange.target = Array(message.target.prefix(Exchange.targetLimit))
        exchange.status = answer?.status
        exchange.isOpaque = isOpaque
        let responseBody = socket?.responseBody ?? answer?.body ?? CapturedBody()
        exchange.bytesIn = Self.size(request, head: message.head, message.body)
        exchange.bytesOut = Self.size(response, head: answer?.head, responseBody)
        var captured = CapturedExchange(
            row: CaptureRow(
                exchange: exchange,
                unixNanoseconds: unixNanoseconds,
                isMarked: entry["_marked"]?.bool == true,
                responseType: HeadFields.mediaType(answer?.head).map { String(decoding: $0, as: UTF8.self) },
                replay: exchange.replayOf == nil ? nil : ReplayFacts()
            ),
            requestHead: message.head,
            responseHead: answer?.head,
            requestBody: message.body,
            responseBody: responseBody,
            pieces: socket?.pieces ?? []
        )
        if message.head != nil { captured.row.delivery = CaptureMeaning.inspection.delivery(captured) }
        return Draft(exchange: captured, number: number)
    }

    private static let requestNames = [
        "method", "url", "httpVersion", "headers", "postData", "headersSize", "bodySize",
    ]
    private static let responseNames = [
        "status", "statusText", "httpVersion", "headers", "content", "headersSize", "bodySize", "_error",
    ]

    /// The members of a member that must be an object if it is there.
    private func members(
        _ name: String,
        of parent: [String: JSONSlice],
        _ names: [String]
    ) throws(Failure) -> [String: JSONSlice]? {
        guard let value = parent[name] else { return nil }
        guard value.kind == .object else {
            throw Failure(reason: "has \(value.kind.rawValue) as its \(name), not an object")
        }
        return value.members(names)
    }

    private static func text(_ name: String, _ request: [String: JSONSlice]) throws(Failure) -> [UInt8] {
        guard let value = request[name] else { throw Failure(reason: "has no request.\(name)") }
        guard let text = value.text(limit: HARHead.limit)?.bytes else {
            throw Failure(reason: "has \(value.kind.rawValue) as its request.\(name), not text")
        }
        return text
    }

    // MARK: Request and response

    private struct Request {
        var method: [UInt8]
        var target: [UInt8] = []
        /// Nil if no request was seen.
        var head: [UInt8]?
        var body = CapturedBody()
    }

    private mutating func request(
        _ request: [String: JSONSlice],
        isOurs: Bool,
        isSocket: Bool
    ) throws(Failure) -> Request {
        let method = try Self.text("method", request).filter { $0 > 0x20 && $0 != 0x7f }
        let url = try Self.text("url", request)
        guard !method.isEmpty || isOurs else { throw Failure(reason: "has an empty request.method") }
        guard !url.isEmpty else { throw Failure(reason: "has an empty request.url") }
        // Bytes that are not HTTP.
        guard !method.isEmpty else { return Request(method: []) }
        let target = HARTarget(url, method: method)
        var head = HARHead(request["headers"])
        head.addHost(target.host)
        let version = request["httpVersion"]?.string(limit: 16)
        var result = Request(method: method, target: target.target)
        let description = BodyDescription(head: head.request(method, target.target, version: version))
        if let data = request["postData"], data.kind == .object, !isSocket {
            let members = data.members(HARBody.names)
            var body = HARBody(members, limit: bodyLimit)
            let type = description.mediaType ?? members["mimeType"]?.string(limit: 200).map { MediaType($0) }
            body.addFields(members["params"], type, limit: bodyLimit)
            body.removeFields(type)
            result.body = body.captured(description, isRequest: true, wireCount: Self.count(request["bodySize"]))
            note(result.body)
            // The body may have another length than the one that was sent, but what is sent again must fit its head.
            let isLengthNeeded = head.has("content-length") || !result.body.bytes.isEmpty
            if result.body.isWhole, !description.isChunked, isLengthNeeded {
                head.set("Content-Length", String(result.body.count))
            }
        }
        result.head = head.request(method, target.target, version: version)
        return result
    }

    private struct Response {
        var status: Int
        var head: [UInt8]
        var body = CapturedBody()

        func isOpaque(_ method: [UInt8]) -> Bool {
            status == 101 || (200..<300 ~= status && method.elementsEqual("CONNECT".utf8))
        }
    }

    /// Nil if there was no answer.
    private static func status(_ response: [String: JSONSlice]) throws(Failure) -> Int? {
        guard let value = response["status"] else { return nil }
        guard value.kind == .number else {
            throw Failure(reason: "has \(value.kind.rawValue) as its response.status, not a number")
        }
        let status = value.number.flatMap { Int(exactly: $0) } ?? 0
        return 100..<1000 ~= status ? status : nil
    }

    private mutating func response(
        _ response: [String: JSONSlice],
        _ status: Int?,
        isSocket: Bool
    ) throws(Failure) -> Response? {
        guard let status else { return nil }
        var head = HARHead(response["headers"])
        // One over HTTP/2 has no such field.
        if isSocket, !head.has("upgrade") { head.set("Upgrade", "websocket") }
        let bytes = head.response(
            status,
            response["statusText"]?.text(limit: 1024)?.bytes ?? [],
            version: response["httpVersion"]?.string(limit: 16)
        )
        var result = Response(status: status, head: bytes)
        if let content = response["content"], content.kind == .object, !isSocket {
            let body = HARBody(content.members(HARBody.names), limit: bodyLimit)
            result.body = body.captured(
                BodyDescription(head: bytes),
                isRequest: false,
                wireCount: Self.count(response["bodySize"])
            )
            note(result.body)
        }
        return result
    }

    /// The most bytes of the next body.
    private var bodyLimit: Int { isFull ? 0 : limits.bodyBytes }
    private var isFull: Bool { bodyBytesLeft < limits.bodyBytes }

    private mutating func note(_ body: CapturedBody) {
        if isFull, !body.isWhole { bodiesLeftOut += 1 }
        bodyBytesLeft -= body.bytes.count
    }

    /// A number of bytes. -1 and 0 often mean that it is not known.
    private static func count(_ value: JSONSlice?) -> Int? {
        guard let number = value?.number, number >= 1 else { return nil }
        return Int(min(number, Double(1 << 53)))
    }

    private static func size(_ message: [String: JSONSlice], head: [UInt8]?, _ body: CapturedBody) -> Int {
        guard let head else { return body.count }
        return (count(message["headersSize"]) ?? head.count) + (count(message["bodySize"]) ?? body.count)
    }

    private mutating func conversation(_ value: JSONSlice?, isOurs: Bool) -> ConversationNumber {
        let name = value?.string(limit: 64) ?? value?.number.map { "\($0)" } ?? ""
        if isOurs, let number = ConversationNumber(name) { return number }
        if let known = conversations[name] { return known }
        lastConversation += 1
        if !name.isEmpty { conversations[name] = lastConversation }
        return lastConversation
    }
}
