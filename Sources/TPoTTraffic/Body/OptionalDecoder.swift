/// Decoders that are used where the system has them.
struct OptionalDecoder: Sendable {
    static func named(_ coding: String) -> OptionalDecoder? { nil }

    func decode(_ input: [UInt8], limit: Int) -> CodingResult { CodingResult(bytes: input, ending: .damaged) }
}
