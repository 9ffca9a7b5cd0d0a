import TPoTWire

/// One line of `--log-format json`: an object with `type` and `time` first.
struct JSONLine {
    private var writer: JSONWriter

    init(type: String, unixNanoseconds: Int64) {
        writer = JSONWriter()
        // Enough for most lines.
        writer.bytes.reserveCapacity(256)
        writer.bytes += "{\"type\":".utf8
        writer.write(type)
        writer.bytes += ",\"time\":\"".utf8
        UTCTime.append(rfc3339: unixNanoseconds, to: &writer.bytes)
        writer.bytes.append(UInt8(ascii: "\""))
    }

    /// Appends the whole line, with its line break.
    func append(to lines: inout [UInt8]) {
        lines += writer.bytes
        lines += "}\n".utf8
    }

    /// Adds bytes from the network. Text longer than ``textLimit`` characters is cut and ends with `…`.
    mutating func add(_ name: StaticString, _ text: [UInt8]) {
        addName(name)
        writer.write(text, limit: Self.textLimit)
    }

    mutating func add(_ name: StaticString, _ remote: RemoteAddress) {
        addName(name)
        writer.bytes.append(UInt8(ascii: "\""))
        remote.append(to: &writer.bytes)
        writer.bytes.append(UInt8(ascii: "\""))
    }

    mutating func add(_ name: StaticString, _ text: String) {
        addName(name)
        writer.write(text)
    }

    /// Adds a field whose name comes from elsewhere and has to be escaped.
    mutating func add(named name: String, _ text: String) {
        addName(of: name)
        writer.write(text)
    }

    /// - Parameter number: as JSON writes it.
    mutating func add(named name: String, number: String) {
        addName(of: name)
        writer.bytes += number.utf8
    }

    mutating func add(_ name: StaticString, _ number: some BinaryInteger) {
        addName(name)
        if let number = UInt64(exactly: number) {
            writer.bytes.append(decimal: number)
        } else {
            writer.bytes += String(number).utf8
        }
    }

    /// Adds a time in milliseconds, with up to three decimals: `35`, `0.42`.
    mutating func addMilliseconds(_ name: StaticString, _ microseconds: Int64) {
        addName(name)
        Milliseconds.append(microseconds, decimals: 3, to: &writer.bytes)
    }

    mutating func add(_ name: StaticString, _ bool: Bool) {
        addName(name)
        writer.bytes += (bool ? "true" : "false").utf8
    }

    mutating func addNull(_ name: StaticString) {
        addName(name)
        writer.bytes += "null".utf8
    }

    /// Adds an object or array that is JSON already.
    mutating func add(_ name: StaticString, json: [UInt8]) {
        addName(name)
        writer.bytes += json
    }

    private mutating func addName(of name: String) {
        writer.bytes.append(UInt8(ascii: ","))
        writer.write(name)
        writer.bytes.append(UInt8(ascii: ":"))
    }

    private mutating func addName(_ name: StaticString) {
        // The names are constants of this program; nothing in them has to be escaped.
        writer.bytes += ",\"".utf8
        writer.bytes += UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        writer.bytes += "\":".utf8
    }
}

extension JSONLine {
    /// The maximum number of characters shown of a path or method.
    static let textLimit = 8192

    init(_ request: RequestSummary) {
        self.init(type: "request", unixNanoseconds: request.unixNanoseconds)
        if let number = request.number { add("number", number) }
        add("conversation", request.conversation)
        if let remote = request.remote { add("remote", remote) }
        if let forwardedFor = request.forwardedFor {
            add("forwardedFor", forwardedFor)
            // The older name of this field, which scripts may still read.
            add("via", forwardedFor)
        }
        add("method", request.method)
        add("path", request.path)
        if let status = request.status { add("status", status) } else { addNull("status") }
        addMilliseconds("ms", request.microseconds)
        add("in", request.received)
        add("out", request.sent)
        if let why = request.why { add("why", why.rawValue) }
        if let after = request.leftAfterMicroseconds { addMilliseconds("afterMs", after) }
        if let replayOf = request.replayOf { add("replayOf", replayOf) }
    }
}
