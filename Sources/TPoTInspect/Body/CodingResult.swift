/// The result of undoing one coding.
struct CodingResult: Hashable, Sendable {
    enum Ending: Hashable, Sendable {
        case complete
        /// The input ended too early.
        case cut
        /// The input is invalid after ``bytes``.
        case damaged
        /// The output would be longer than the limit.
        case limit
    }

    var bytes: [UInt8]
    var ending: Ending
}
