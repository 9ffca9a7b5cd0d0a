import TPoTWire

/// The lines of `--log-format text`.
///
///     [2026-11-23 12:01:33] 200 POST /webhooks 35ms 203.0.113.9:52110 in=1210 out=312
///     [2026-11-23 12:01:34] --- GET /slow 30012ms 203.0.113.9:52111 in=96 out=0 why=visitor-left after=2.0s
///
/// The time is when the exchange ended, so lines are in order.
/// The address is the one that a proxy wrote into the request, or else the one that the server saw.
/// Fields never contain spaces. `---` replaces the status of a target that did not answer;
/// `-` replaces what was not seen.
struct TextLines {
    /// The maximum number of bytes shown of a path.
    static let pathLimit = 512
    /// The maximum number of bytes shown of an address that a proxy wrote into the request.
    static let addressLimit = 64
    /// The maximum number of bytes shown of a method.
    static let methodLimit = 32

    /// The seconds to add to UTC at a time, which is given in seconds since 1970.
    private let utcOffset: @Sendable (Int64) -> Int
    private var stampedSecond = Int64.min
    private var stamp: [UInt8] = []

    init(utcOffset: @escaping @Sendable (Int64) -> Int) {
        self.utcOffset = utcOffset
    }

    mutating func append(_ request: RequestSummary, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        appendStamp(request.unixNanoseconds, to: &output)
        output += "] ".utf8
        if let status = request.status {
            output.append(decimal: UInt64(clamping: status))
        } else {
            output += "---".utf8
        }
        output.append(UInt8(ascii: " "))
        appendField(request.method, to: &output, limit: Self.methodLimit)
        output.append(UInt8(ascii: " "))
        appendField(request.path, to: &output, limit: Self.pathLimit)
        // Written piece by piece, because strings would be a large part of what a line costs.
        output.append(UInt8(ascii: " "))
        Milliseconds.append(request.microseconds, decimals: request.microseconds < 10_000 ? 2 : 0, to: &output)
        output += "ms ".utf8
        if let forwardedFor = request.forwardedFor {
            appendField(Array(forwardedFor.utf8), to: &output, limit: Self.addressLimit)
        } else if let remote = request.remote {
            remote.append(to: &output)
        } else {
            output += (request.replayOf.map { "replay-of-\($0)" } ?? "-").utf8
        }
        output += " in=".utf8
        output.append(decimal: UInt64(clamping: request.received))
        output += " out=".utf8
        output.append(decimal: UInt64(clamping: request.sent))
        if let why = request.why { output += " why=\(why.rawValue)".utf8 }
        if let after = request.leftAfterMicroseconds {
            let tenths = (after + 50_000) / 100_000
            output += " after=\(tenths / 10).\(tenths % 10)s".utf8
        }
        output.append(UInt8(ascii: "\n"))
    }

    private func appendField(_ text: [UInt8], to output: inout [UInt8], limit: Int) {
        if text.isEmpty {
            output.append(UInt8(ascii: "-"))
        } else {
            VisibleText.append(text, to: &output, limit: limit)
        }
    }

    /// Keeps the text of the last second: local time is slow to compute, and many requests end in the same second.
    private mutating func appendStamp(_ unixNanoseconds: Int64, to output: inout [UInt8]) {
        let second = unixNanoseconds / 1_000_000_000
        if second != stampedSecond {
            stampedSecond = second
            stamp = Array(LocalTime.seconds(unixNanoseconds: unixNanoseconds, utcOffset: utcOffset).utf8)
        }
        output += stamp
    }
}

/// A duration in milliseconds, as printed: `35`, `0.42`.
enum Milliseconds {
    /// - Parameters:
    ///   - microseconds: 0 or more.
    ///   - decimals: 0 to 3. Trailing zeros are left out. Further digits are cut off, not rounded.
    static func append(_ microseconds: Int64, decimals: Int, to output: inout [UInt8]) {
        output.append(decimal: UInt64(clamping: microseconds / 1000))
        var fraction = microseconds % 1000
        for _ in decimals..<3 { fraction /= 10 }
        guard fraction > 0 else { return }
        var width = decimals
        while fraction % 10 == 0 {
            fraction /= 10
            width -= 1
        }
        output.append(UInt8(ascii: "."))
        output.append(decimal: UInt64(clamping: fraction), width: width)
    }
}
