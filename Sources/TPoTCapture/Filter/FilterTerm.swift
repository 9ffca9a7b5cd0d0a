import NIOCore
import TPoTWire

/// One condition of a filter. Its text is in lower case, because only ASCII case is ignored.
package struct FilterTerm: Hashable, Sendable {
    package enum Test: Hashable, Sendable {
        /// Anywhere in the method, path, remote address, sender, event or a header, or equal to the status.
        case word([UInt8])
        case method([UInt8])
        case status(StatusTest)
        /// Anywhere in the request-target.
        case path([UInt8])
        /// At the beginning of the remote address or of the forwarded one.
        case remote([UInt8])
        /// Anywhere in the name of the sender.
        case from([UInt8])
        /// Anywhere in what the delivery says of itself.
        case event([UInt8])
        /// Anywhere in the media type of the request.
        case type([UInt8])
        /// A field with this name in the request's or the response's head. Its value has the text anywhere; nil takes
        /// any value.
        case header([UInt8], value: [UInt8]?)
        /// How long a finished exchange took, in nanoseconds.
        case took(QuantityTest)
        /// Bytes of request and response together.
        case size(QuantityTest)
        case state(StateTest)
        /// In the request's or the response's body, either raw or decoded.
        case body([UInt8])

        /// The key as typed before the colon; nil for a plain word.
        package var key: String? {
            switch self {
            case .word: nil
            case .method: "method"
            case .status: "status"
            case .path: "path"
            case .remote: "remote"
            case .from: "from"
            case .event: "event"
            case .type: "type"
            case .header: "header"
            case .took: "took"
            case .size: "size"
            case .state: "is"
            case .body: "body"
            }
        }
    }

    package var test: Test
    package var isNegated: Bool
    /// The term as typed, without the sign.
    var text = ""

    package static func == (one: Self, other: Self) -> Bool {
        one.test == other.test && one.isNegated == other.isNegated
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(test)
        hasher.combine(isNegated)
    }

    var needsBody: Bool {
        if case .body = test { return true }
        return false
    }

    var needsDelivery: Bool {
        switch test {
        case .from, .event, .word: true
        default: needsSignature
        }
    }

    var needsSignature: Bool {
        switch test {
        case .state(.signed), .state(.unsigned): true
        default: false
        }
    }

    func matches(_ content: CapturedExchange, _ ignoresRepair: Bool, _ bodyContains: ([UInt8]) -> Bool) -> Bool {
        let row = content.row
        let exchange = row.exchange
        let holds =
            switch test {
            case .word(let word): Self.shows(word, content)
            case .method(let method): exchange.method.lowercasedASCII == method
            case .status(let status): status.matches(exchange)
            case .path(let part): exchange.target.contains(ignoringCase: part)
            case .remote(let start): Self.addresses(of: exchange).contains { $0.starts(with: start) }
            case .from(let part): Self.contains(row.delivery?.sender, part)
            case .event(let part): Self.contains(row.delivery?.event, part)
            case .type(let part): HeadFields.hasType(part, content.requestHead)
            case .header(let name, let value):
                HeadFields.has(name, value, content.requestHead) || HeadFields.has(name, value, content.responseHead)
            case .took(let test):
                exchange.times.ended.map { test.matches(exchange.times.taken(at: $0).nanoseconds) } ?? false
            case .size(let test): test.matches(Int64(exchange.bytesIn + exchange.bytesOut))
            case .state(let state): state.matches(row, ignoresRepair: ignoresRepair)
            case .body(let part): bodyContains(part)
            }
        return holds != isNegated
    }

    /// Whether the row of the exchange or one of its heads contains the word.
    private static func shows(_ word: [UInt8], _ content: CapturedExchange) -> Bool {
        let exchange = content.row.exchange
        if exchange.target.contains(ignoringCase: word) || exchange.method.contains(ignoringCase: word) { return true }
        if let status = exchange.visitorStatus, Array(String(status).utf8) == word { return true }
        if contains(content.row.delivery?.sender, word) || contains(content.row.delivery?.event, word) { return true }
        return content.requestHead?.contains(ignoringCase: word) == true
            || content.responseHead?.contains(ignoringCase: word) == true
            || addresses(of: exchange).contains { $0.contains(ignoringCase: word) }
    }

    private static func contains(_ text: String?, _ part: [UInt8]) -> Bool {
        guard let text else { return false }
        return Array(text.utf8).contains(ignoringCase: part)
    }

    private static func addresses(of exchange: Exchange) -> [[UInt8]] {
        let texts = [exchange.remote?.description, exchange.via, exchange.replayOf.map { "replay of \($0)" }]
        return texts.compactMap { $0.map { Array($0.utf8).lowercasedASCII } }
    }
}

/// `is:failed`, `is:left`, `is:marked`, `is:replay`, `is:held`, `is:signed`, `is:unsigned`.
package enum StateTest: String, Hashable, Sendable, CaseIterable {
    /// It did not go well, is no replay, and no replay has fixed it.
    case failed
    /// The visitor left before it had the answer.
    case left
    case marked, replay
    /// It waits for the hold to end.
    case held
    /// Its signature was checked, and is right.
    case signed
    /// Its signature was checked, and is not right.
    case unsigned

    func matches(_ row: CaptureRow, ignoresRepair: Bool) -> Bool {
        switch self {
        case .failed: row.isFailing || (ignoresRepair && row.isFixed)
        case .left: row.exchange.state == .aborted(.visitorGone) || row.exchange.state == .aborted(.visitorGoneUnsure)
        case .marked: row.isMarked
        case .replay: row.exchange.replayOf != nil
        case .held: row.exchange.state == .waitsForHold
        case .signed: row.signature?.isValid == true
        case .unsigned: row.signature?.isFailure == true
        }
    }
}

/// A comparison with a quantity: `>1s`, `<=200ms`, `>1M`, `over-1s`, `under-1s`. Without a sign it is the least that matches.
package struct QuantityTest: Hashable, Sendable {
    package var range: ClosedRange<Int64>

    private static let times: [(unit: String, factor: Double)] = [
        ("ms", 1e6), ("us", 1e3), ("µs", 1e3), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("", 1e9),
    ]
    /// As the dashboard prints them.
    private static let sizes: [(unit: String, factor: Double)] = [
        ("k", 1024), ("m", 1024 * 1024), ("g", 1024 * 1024 * 1024), ("b", 1), ("", 1),
    ]

    /// A duration in nanoseconds. Nil if the text is none.
    static func time(_ text: String) -> QuantityTest? { QuantityTest(text, times) }

    /// Bytes. Nil if the text is no size.
    static func size(_ text: String) -> QuantityTest? { QuantityTest(text, sizes) }

    private init?(_ text: String, _ units: [(unit: String, factor: Double)]) {
        var text = text
        for (word, sign) in [("over-", ">"), ("under-", "<")] where text.hasPrefix(word) {
            text = sign + text.dropFirst(word.count)
        }
        let comparison = text.prefix { "<>=".contains($0) }
        let rest = text.dropFirst(comparison.count).filter { $0 != " " }
        let digits = rest.prefix { "0123456789.".contains($0) }
        let unit = rest.dropFirst(digits.count)
        guard let factor = units.first(where: { $0.unit == unit })?.factor, let number = Double(digits) else {
            return nil
        }
        // Far below what an Int64 holds.
        let value = Int64(min(number * factor, 1e18))
        switch comparison {
        case "", ">=": range = value...Int64.max
        case ">": range = (value + 1)...Int64.max
        case "<=": range = Int64.min...value
        case "<": range = Int64.min...(value - 1)
        case "=", "==": range = value...value
        default: return nil
        }
    }

    func matches(_ value: Int64) -> Bool { range.contains(value) }
}

/// `status:404`, `status:5xx`, `status:>=400`, `status:none`, `status:waiting`.
package enum StatusTest: Hashable, Sendable {
    case codes(ClosedRange<Int>)
    /// The exchange ended without an answer from the target.
    case none
    /// No answer has come yet.
    case waiting

    /// Reads a status test in lower case. Nil if the text is not a status test.
    init?(_ text: String) {
        switch text {
        case "none":
            self = .none
        case "waiting":
            self = .waiting
        default:
            guard let codes = Self.range(text) else { return nil }
            self = .codes(codes)
        }
    }

    /// `5xx` and `50x`, which are understood alone, too.
    static func isClass(_ text: String) -> Bool {
        text.count == 3 && text.first.map { "12345".contains($0) } == true && text.hasSuffix("x") && range(text) != nil
    }

    private static func range(_ text: String) -> ClosedRange<Int>? {
        let comparison = text.prefix { "<>=".contains($0) }
        let rest = text.dropFirst(comparison.count)
        let digits = rest.prefix { "0123456789".contains($0) }
        guard (1...3).contains(digits.count), rest.count <= 3, rest.dropFirst(digits.count).allSatisfy({ $0 == "x" }),
            let number = Int(digits)
        else { return nil }
        // Missing digits match any digit: 5xx, 50x, and 5 while the user is still typing.
        let scale = [1: 100, 2: 10, 3: 1][digits.count] ?? 1
        let codes = number * scale...(number + 1) * scale - 1
        switch comparison {
        case "", "=", "==": return codes
        case ">=": return codes.lowerBound...999
        case ">": return codes.upperBound < 999 ? codes.upperBound + 1...999 : nil
        case "<=": return 0...codes.upperBound
        case "<": return codes.lowerBound > 0 ? 0...codes.lowerBound - 1 : nil
        default: return nil
        }
    }

    func matches(_ exchange: Exchange) -> Bool {
        switch self {
        case .codes(let codes): exchange.visitorStatus.map(codes.contains) ?? false
        case .none: exchange.status == nil && exchange.state.isOver
        case .waiting: exchange.state.isWaiting
        }
    }
}
