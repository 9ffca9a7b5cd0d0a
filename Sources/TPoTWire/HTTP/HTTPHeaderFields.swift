import NIOCore

/// The fields of a head, in order, read from its bytes when somebody looks: for the display and for single lookups.
///
/// It takes the heads of requests and answers, reads as leniently as the answers' parser, and never fails: a line
/// without a colon is passed over, a folded line belongs to the value before it.
package struct HTTPHeaderFields: Sequence, Sendable {
    package struct Field: Sendable {
        /// In the case it came in.
        package let name: ByteBufferView
        /// Without the white space around it; line breaks of folded lines are left in.
        package let value: ByteBufferView

        package var nameText: String { HTTPHeaderFields.text(name) }
        package var valueText: String { HTTPHeaderFields.text(value) }
    }

    private let head: ByteBuffer

    /// - Parameter head: raw bytes from the request line or status line on, or the line ends before it.
    package init(ofHead head: ByteBuffer) {
        self.head = head
    }

    package func makeIterator() -> Iterator {
        Iterator(head)
    }

    /// The first field of that name, in any case.
    /// - Parameter name: in lower case.
    package func first(named name: StaticString) -> ByteBufferView? {
        var iterator = Iterator(head)
        while let (fieldName, value) = iterator.nextRanges() {
            let isWanted = head.withUnsafeReadableBytes { $0.spells(name, in: fieldName) }
            if isWanted { return iterator.view(value) }
        }
        return nil
    }

    /// Whether a line after the first begins with one of these letters, in any case: where none does, a search by name
    /// need not be tried.
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

    /// All values of that name, in order.
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

    /// UTF-8 when it is valid, else Latin-1, in which every byte is a character: nothing is lost in the display.
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

        /// The next field from the start of a line on, and the start of the line after it; nil at the blank line.
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
                    // Of a folded value the breaks at its ends go as well, not those inside.
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
