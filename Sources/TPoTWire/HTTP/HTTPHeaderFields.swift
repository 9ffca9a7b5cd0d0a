import NIOCore

/// The fields of a head, in order. They are read from its bytes on demand, for display and for single lookups.
///
/// Heads of requests and answers are read as leniently as the parser reads answers. Reading never fails: a line
/// without a colon is skipped, and a folded line belongs to the value before it.
package struct HTTPHeaderFields: Sequence, Sendable {
    package struct Field: Sendable {
        /// In its original case.
        package let name: ByteBufferView
        /// Trimmed. Line breaks of folded lines are kept.
        package let value: ByteBufferView

        package var nameText: String { HTTPHeaderFields.text(name) }
        package var valueText: String { HTTPHeaderFields.text(value) }
    }

    private let head: ByteBuffer

    /// - Parameter head: raw bytes that begin with the request line or status line, or with line ends before it.
    package init(ofHead head: ByteBuffer) {
        self.head = head
    }

    package func makeIterator() -> Iterator {
        Iterator(head)
    }

    /// The value of the first field with that name, ignoring case.
    /// - Parameter name: in lower case.
    package func first(named name: StaticString) -> ByteBufferView? {
        var iterator = Iterator(head)
        while let (fieldName, value) = iterator.nextRanges() {
            let isWanted = head.withUnsafeReadableBytes { $0.spells(name, in: fieldName) }
            if isWanted { return iterator.view(value) }
        }
        return nil
    }

    /// Whether a line after the first begins with one of these letters, ignoring case. If not, there is no need to
    /// search by name.
    /// - Parameter letters: in lower case.
    package static func mayHaveName(beginningWithOneOf letters: StaticString, in head: [UInt8]) -> Bool {
        let letters = UnsafeBufferPointer(start: letters.utf8Start, count: letters.utf8CodeUnitCount)
        return head.withUnsafeBytes { bytes in
            var rest = 0..<bytes.count
            while let lineFeed = bytes.firstOffset(of: ASCII.lineFeed, in: rest) {
                rest = lineFeed + 1..<bytes.count
                if let first = rest.first, letters.contains(bytes[first].lowercased) { return true }
            }
            return false
        }
    }

    /// The values of all fields with that name, in order, ignoring case.
    /// - Parameter name: in lower case.
    package func all(named name: StaticString) -> [ByteBufferView] {
        var values: [ByteBufferView] = []
        var iterator = Iterator(head)
        while let (fieldName, value) = iterator.nextRanges() {
            let isWanted = head.withUnsafeReadableBytes { $0.spells(name, in: fieldName) }
            if isWanted { values.append(iterator.view(value)) }
        }
        return values
    }

    /// Reads UTF-8 if it is valid, else Latin-1. In Latin-1 every byte is a character, so the display loses nothing.
    package static func text(_ bytes: ByteBufferView) -> String {
        String(validating: bytes, as: UTF8.self)
            ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    package struct Iterator: IteratorProtocol {
        private let head: ByteBuffer
        private var lineStart: Int

        init(_ head: ByteBuffer) {
            self.head = head
            lineStart = head.withUnsafeReadableBytes { bytes in
                let first = bytes.firstIndex { !$0.isNewline } ?? bytes.count
                return bytes.firstOffset(of: ASCII.lineFeed, in: first..<bytes.count).map { $0 + 1 } ?? bytes.count
            }
        }

        package mutating func next() -> Field? {
            guard let (name, value) = nextRanges() else { return nil }
            return Field(name: view(name), value: view(value))
        }

        fileprivate func view(_ range: Range<Int>) -> ByteBufferView {
            let start = head.readerIndex
            return head.readableBytesView[start + range.lowerBound..<start + range.upperBound]
        }

        fileprivate mutating func nextRanges() -> (name: Range<Int>, value: Range<Int>)? {
            let start = lineStart
            guard let (field, next) = head.withUnsafeReadableBytes({ Self.field(from: start, in: $0) }) else {
                return nil
            }
            lineStart = next
            return field
        }

        /// The next field at or after the line that begins at `start`, and the start of the line after it. Nil at the
        /// blank line.
        private static func field(
            from start: Int,
            in bytes: UnsafeRawBufferPointer
        ) -> (field: (name: Range<Int>, value: Range<Int>), next: Int)? {
            var lineStart = start
            while let lineFeed = bytes.firstOffset(of: ASCII.lineFeed, in: lineStart..<bytes.count) {
                let line = lineStart..<lineFeed
                guard !line.isEmpty, line.count > 1 || bytes[line.lowerBound] != ASCII.carriageReturn else {
                    return nil
                }
                var next = lineFeed + 1
                if let colon = bytes.firstOffset(of: ASCII.colon, in: line), !bytes[lineStart].isBlank {
                    var end = lineFeed
                    while next < bytes.count, bytes[next].isBlank,
                        let folded = bytes.firstOffset(of: ASCII.lineFeed, in: next..<bytes.count)
                    {
                        end = folded
                        next = folded + 1
                    }
                    // Line breaks at the ends of a folded value are trimmed too. Those inside stay.
                    var begin = colon + 1
                    while begin < end, bytes[begin].isBlank || bytes[begin].isNewline { begin += 1 }
                    while end > begin, bytes[end - 1].isBlank || bytes[end - 1].isNewline { end -= 1 }
                    return ((bytes.trimming(line.lowerBound..<colon), begin..<end), next)
                }
                lineStart = next
            }
            return nil
        }
    }
}
