import TPoTTraffic

/// What was kept of a body: its beginning, as on the wire, with chunk sizes and trailers.
package struct CapturedBody: Hashable, Sendable {
    package private(set) var bytes: [UInt8] = []
    /// Bytes that passed, kept or not.
    package private(set) var count = 0

    package init() {}

    /// A body that is there whole.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        count = bytes.count
    }

    /// Everything that passed was kept.
    package var isWhole: Bool { bytes.count == count }

    /// Takes over what came, by copy: a slice would keep its whole receive buffer alive. Once something is missing
    /// nothing is added any more: what is kept is always the beginning.
    mutating func append(_ piece: TrafficBytes, limit: Int) {
        if case .bytes(let buffer) = piece, isWhole, bytes.count < limit {
            let room = limit - bytes.count
            buffer.withUnsafeReadableBytes { piece in
                bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece.prefix(room)))
            }
        }
        count += piece.count
    }

    /// Gives back what an array that grew has in reserve.
    mutating func trim() {
        if bytes.capacity - bytes.count > 4096 { bytes = Array(exactCopyOf: bytes) }
    }
}

extension Array where Element == UInt8 {
    /// A copy with no more room than it needs; `Array(array)` would share the storage.
    init(exactCopyOf other: [UInt8]) {
        self.init(unsafeUninitializedCapacity: other.count) { storage, count in
            _ = storage.update(fromContentsOf: other)
            count = other.count
        }
    }
}
