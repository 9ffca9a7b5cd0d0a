import NIOCore

/// Reads the first line of a head: only what a list shows, and never failing.
enum HeadLine {
    /// The method and the request-target of a request's head (RFC 9112, 3), cut at the limits of ``Exchange``.
    static func request(_ head: ByteBuffer) -> (method: [UInt8], target: [UInt8]) {
        head.withUnsafeReadableBytes { head in
            let line = firstLine(head)
            guard let space = line.firstIndex(of: UInt8(ascii: " ")) else {
                return (Array(line.prefix(Exchange.methodLimit)), [])
            }
            let method = line[..<space].prefix(Exchange.methodLimit)
            var target = line[(space + 1)...]
            if let end = target.lastIndex(of: UInt8(ascii: " ")) { target = target[..<end] }
            return (Array(method), Array(target.prefix(Exchange.targetLimit)))
        }
    }

    /// The status code of an answer's head (RFC 9112, 4): 100…999, nil when there is none.
    static func status(_ head: ByteBuffer) -> Int? {
        head.withUnsafeReadableBytes { head in
            let line = firstLine(head)
            guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { return nil }
            let digits = line[space...].drop { $0 == UInt8(ascii: " ") }.prefix(3)
            guard digits.count == 3 else { return nil }
            var status = 0
            for digit in digits {
                guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
                status = status * 10 + Int(digit - UInt8(ascii: "0"))
            }
            return status >= 100 ? status : nil
        }
    }

    private static func firstLine(_ head: UnsafeRawBufferPointer) -> Slice<UnsafeRawBufferPointer> {
        let bytes = head.drop { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
        let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        let line = bytes[..<end]
        return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }
}
