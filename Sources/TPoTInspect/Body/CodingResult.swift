/// What came out of one coding.
struct CodingResult: Hashable, Sendable {
    enum Ending: Hashable, Sendable {
        case complete
        /// The input ends in the middle.
        case cut
        /// The input makes no sense from here on.
        case damaged
        /// There would be more than was asked for.
        case limit
    }

    var bytes: [UInt8]
    var ending: Ending
}
