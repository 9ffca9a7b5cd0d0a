/// Lays out JSON in the values of form fields, as Slack and others send it, up to a limit for each body.
struct FieldJSON {
    /// The most bytes of values that are laid out for one body. The layout takes up to 33 times as many.
    static let limit = 256 * 1024

    private var left = Self.limit

    /// Lays a value out. Nil if it is not one complete object or array, or if the limit is reached.
    mutating func lines(_ value: [UInt8]) -> LineTable? {
        guard value.count <= left, BodyKind.looksLikeJSON(value) else { return nil }
        left -= value.count
        let json = JSONIndenter.indent(value)
        guard json.faultOffset == nil, !json.isIncomplete, !json.isCutAtLimit, json.values == 1 else { return nil }
        return LineTable(json.bytes)
    }
}
