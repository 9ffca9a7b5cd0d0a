/// JSON as the values of a form's fields, as Slack and others send it, laid out as long as that is not too much work.
struct FieldJSON {
    /// Bytes of values of one body that are laid out: what is laid out of them is 33 times as much at worst.
    static let limit = 256 * 1024

    private var left = Self.limit

    /// The value laid out; nil where it is not one whole object or array, or would be too much.
    mutating func lines(_ value: [UInt8]) -> LineTable? {
        guard value.count <= left, BodyKind.looksLikeJSON(value) else { return nil }
        left -= value.count
        let json = JSONIndenter.indent(value)
        guard json.faultOffset == nil, !json.isIncomplete, !json.isCutAtLimit, json.values == 1 else { return nil }
        return LineTable(json.bytes)
    }
}
