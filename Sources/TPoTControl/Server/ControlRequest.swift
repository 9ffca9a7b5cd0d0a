import NIOHTTP1
import TPoTWire

// `TPoTWire` has its own types of these names, for the traffic of the tunnel.
package typealias ControlMethod = NIOHTTP1.HTTPMethod
package typealias ControlRequestHead = NIOHTTP1.HTTPRequestHead

/// A whole request of another program.
struct ControlRequest: Sendable {
    var method: ControlMethod
    /// Without the query, still with escapes.
    var path: String
    var query: ControlQuery
    var body: [UInt8]

    init(_ head: ControlRequestHead, body: [UInt8]) {
        method = head.method
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts.first ?? "")
        query = ControlQuery(parts.count == 2 ? parts[1] : "")
        self.body = body
    }
}

/// The parameters after the question mark.
struct ControlQuery: Hashable, Sendable {
    private(set) var parameters: [String: String] = [:]

    init(_ text: Substring) {
        for part in text.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = pair.first else { continue }
            parameters[Self.decoded(name)] = pair.count == 2 ? Self.decoded(pair[1]) : ""
        }
    }

    subscript(name: String) -> String? { parameters[name] }

    /// A misspelt parameter must not look as if it had been obeyed.
    func check(known: [String]) throws(ControlRefusal) {
        guard let unknown = parameters.keys.sorted().first(where: { !known.contains($0) }) else { return }
        let names = known.isEmpty ? "there are none here" : "known are \(known.joined(separator: ", "))"
        throw ControlRefusal(.badRequest, "\(unknown.debugDescription) is not a parameter; \(names)")
    }

    func number<Number: FixedWidthInteger>(_ name: String) throws(ControlRefusal) -> Number? {
        guard let text = parameters[name] else { return nil }
        guard let number = Number(text), number >= 0 else {
            throw ControlRefusal(.badRequest, "\(name) is \(text.debugDescription); write a whole number")
        }
        return number
    }

    func flag(_ name: String) throws(ControlRefusal) -> Bool {
        switch parameters[name] {
        case nil, "false", "0": return false
        case "true", "1", "": return true
        case let text?: throw ControlRefusal(.badRequest, "\(name) is \(text.debugDescription); write true or false")
        }
    }

    /// Undoes `%41` and `+`; an escape that is none stays as it is.
    static func decoded(_ text: some StringProtocol) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = bytes[index + 1].hexValue,
                let low = bytes[index + 2].hexValue
            {
                result.append(high << 4 | low)
                index += 3
                continue
            }
            result.append(bytes[index] == UInt8(ascii: "+") ? 0x20 : bytes[index])
            index += 1
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// Why a request is not carried out, as a sentence for who wrote it.
package struct ControlRefusal: Error, Equatable, Sendable {
    package var status: HTTPResponseStatus
    package var text: String
    /// For 405: what would be allowed.
    var allowed: [ControlMethod] = []

    package init(_ status: HTTPResponseStatus, _ text: String) {
        self.status = status
        self.text = text
    }
}
