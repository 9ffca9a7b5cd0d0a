/// Splits bytes into Unicode scalars. Bytes that are not valid UTF-8 are returned one by one.
package struct ScalarPieces<Bytes: Collection<UInt8>>: Sequence, IteratorProtocol {
    package enum Piece {
        case scalar(Unicode.Scalar)
        case invalid(UInt8)
    }

    private let bytes: Bytes
    private var index: Bytes.Index
    /// Bytes of an invalid sequence that are still to be returned.
    private var invalid = 0

    package init(_ bytes: Bytes) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    package mutating func next() -> Piece? {
        guard index < bytes.endIndex else { return nil }
        let first = bytes[index]
        if invalid > 0 {
            invalid -= 1
            return .invalid(take())
        }
        if first < 0x80 {
            return .scalar(Unicode.Scalar(take()))
        }
        var iterator = bytes[index...].makeIterator()
        var parser = Unicode.UTF8.ForwardParser()
        switch parser.parseScalar(from: &iterator) {
        case .valid(let encoded):
            bytes.formIndex(&index, offsetBy: encoded.count)
            return .scalar(Unicode.UTF8.decode(encoded))
        case .error(let length):
            invalid = length - 1
            return .invalid(take())
        case .emptyInput:
            return nil
        }
    }

    private mutating func take() -> UInt8 {
        defer { bytes.formIndex(after: &index) }
        return bytes[index]
    }
}
