import TPoTWire

/// Reads the parts of a head's first line that a list shows. It never fails.
enum HeadLine {
    /// The method and the request-target of a request's head (RFC 9112, 3), cut at the limits of ``Exchange``.
    static func request(_ head: [UInt8]) -> (method: [UInt8], target: [UInt8]) {
        head.withUnsafeBytes { head in
            let line = firstLine(head)
            guard let space = head.firstOffset(of: space, in: line) else { return (method(line, in: head), []) }
            var target = space + 1..<line.upperBound
            if let end = head[target].lastIndex(of: Self.space) { target = target.lowerBound..<end }
            let kept = target.prefix(Exchange.targetLimit)
            return (
                method(line.lowerBound..<space, in: head),
                Array(UnsafeRawBufferPointer(rebasing: head[kept]))
            )
        }
    }

    /// The status code of an answer's head, 100…999 (RFC 9112, 4). Nil if the head has no valid one.
    static func status(_ head: [UInt8]) -> Int? {
        head.withUnsafeBytes { head in
            let line = firstLine(head)
            guard var place = head.firstOffset(of: space, in: line) else { return nil }
            while place < line.upperBound, head[place] == space { place += 1 }
            guard line.upperBound - place >= 3 else { return nil }
            var status = 0
            for digit in head[place..<place + 3] {
                guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
                status = status * 10 + Int(digit - UInt8(ascii: "0"))
            }
            return status >= 100 ? status : nil
        }
    }

    private static let space = UInt8(ascii: " ")

    /// Requests with a common method share one array for it, to save memory.
    private static let commonMethods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT"]
        .map { Array($0.utf8) }

    private static func method(_ range: Range<Int>, in head: UnsafeRawBufferPointer) -> [UInt8] {
        let method = UnsafeRawBufferPointer(rebasing: head[range.prefix(Exchange.methodLimit)])
        return commonMethods.first { $0.count == method.count && $0.elementsEqual(method) } ?? Array(method)
    }

    /// The first line without its line end and without empty lines before it.
    private static func firstLine(_ head: UnsafeRawBufferPointer) -> Range<Int> {
        let lineEnds: (UInt8) -> Bool = { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
        let start = head.firstIndex { !lineEnds($0) } ?? head.endIndex
        var end = head.firstOffset(of: UInt8(ascii: "\n"), in: start..<head.endIndex) ?? head.endIndex
        if end > start, head[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return start..<end
    }
}
