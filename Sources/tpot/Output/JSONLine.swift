import TPoTTraffic

/// One line of `--log-format json`: an object with `type` and `time` first.
struct JSONLine {
    private var writer: JSONWriter

    init(type: String, unixNanoseconds: Int64) {
        writer = JSONWriter()
        writer.bytes += "{\"type\":".utf8
        writer.write(type)
        add("time", UTCTime.rfc3339(unixNanoseconds: unixNanoseconds))
    }

    /// The whole line, with its line break.
    var bytes: [UInt8] { writer.bytes + Array("}\n".utf8) }

    mutating func add(_ name: String, _ text: String) {
        addName(name)
        writer.write(text)
    }

    mutating func add(_ name: String, _ number: some BinaryInteger) {
        addName(name)
        writer.bytes += String(number).utf8
    }

    /// With the decimals that it has: `35`, `0.42`.
    mutating func addMilliseconds(_ name: String, _ microseconds: Int64) {
        addName(name)
        Milliseconds.append(microseconds, decimals: 3, to: &writer.bytes)
    }

    mutating func add(_ name: String, _ bool: Bool) {
        addName(name)
        writer.bytes += (bool ? "true" : "false").utf8
    }

    mutating func addNull(_ name: String) {
        addName(name)
        writer.bytes += "null".utf8
    }

    private mutating func addName(_ name: String) {
        writer.bytes.append(UInt8(ascii: ","))
        writer.write(name)
        writer.bytes.append(UInt8(ascii: ":"))
    }
}

extension JSONLine {
    /// Characters of a path or method that are shown.
    static let textLimit = 8192

    init(_ request: RequestSummary) {
        self.init(type: "request", unixNanoseconds: request.unixNanoseconds)
        add("conversation", request.conversation)
        if let remote = request.remote { add("remote", remote.description) }
        if let via = request.via { add("via", via) }
        add("method", VisibleText.jsonText(request.method, limit: Self.textLimit))
        add("path", VisibleText.jsonText(request.path, limit: Self.textLimit))
        if let status = request.status { add("status", status) } else { addNull("status") }
        addMilliseconds("ms", request.microseconds)
        add("in", request.received)
        add("out", request.sent)
        if let why = request.why { add("why", why.rawValue) }
        if let replayOf = request.replayOf { add("replayOf", replayOf) }
    }
}
