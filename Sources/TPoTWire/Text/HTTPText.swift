import NIOCore

/// The parts of a captured head as text. Bytes that are not UTF-8 are read as Latin-1.
package enum HTTPText {
    package static func text(_ bytes: [UInt8]) -> String {
        HTTPHeaderFields.text(ByteBuffer(bytes: bytes).readableBytesView)
    }

    package static func fields(_ head: [UInt8]) -> [HTTPHeaderFields.Field] {
        Array(HTTPHeaderFields(ofHead: ByteBuffer(bytes: head)))
    }

    /// `HTTP/1.1`, the last word of a request line. Empty if there is none.
    package static func requestVersion(_ head: [UInt8]) -> String {
        let line = firstLine(head)
        guard let space = line.lastIndex(of: 0x20) else { return "" }
        return text(Array(line[(space + 1)...]))
    }

    /// `HTTP/1.1`, the first word of a status line. Empty if there is none.
    package static func responseVersion(_ head: [UInt8]) -> String {
        text(Array(firstLine(head).prefix { $0 != 0x20 }))
    }

    /// The words after the status code.
    package static func reason(_ head: [UInt8]) -> String {
        let words = firstLine(head).split(separator: 0x20, maxSplits: 2)
        return words.count == 3 ? text(Array(words[2])) : ""
    }

    /// The first line without its line end. Line ends before it are skipped.
    package static func firstLine(_ head: [UInt8]) -> ArraySlice<UInt8> {
        let start = head.drop { $0 == 0x0d || $0 == 0x0a }
        let line = start.prefix { $0 != 0x0a }
        return line.last == 0x0d ? line.dropLast() : line
    }

    /// The lines of the fields as they are, without line ends and without the blank line.
    package static func fieldLines(_ head: [UInt8]) -> [ArraySlice<UInt8>] {
        let start = firstLine(head).endIndex
        guard let lineFeed = head[start...].firstIndex(of: 0x0a) else { return [] }
        let lines = head[(lineFeed + 1)...].split(separator: 0x0a, omittingEmptySubsequences: false)
        return lines.map { $0.last == 0x0d ? $0.dropLast() : $0 }.filter { !$0.isEmpty }
    }
}
