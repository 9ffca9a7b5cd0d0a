import NIOCore

/// A stretch of what passed uninterpreted, after an upgrade: the two directions are kept apart, these say in which order
/// they came.
package struct OpaquePiece: Hashable, Sendable {
    package var time: NIODeadline
    /// Where it ends in what was kept of its direction.
    package var end: UInt32
    package var isFromVisitor: Bool

    /// Pieces of an exchange that are kept; what comes later has no time and no order any more.
    static let limit = 16_384
}
