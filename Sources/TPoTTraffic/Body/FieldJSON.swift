/// JSON as the value of a form's field, as Slack and others send it.
enum FieldJSON {
    /// The value laid out; nil where it is not one whole object or array.
    static func lines(_ value: [UInt8]) -> LineTable? {
        let first = value.first { !($0 == 0x20 || $0 == 0x0a || $0 == 0x0d || $0 == 0x09) }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return nil }
        let json = JSONIndenter.indent(value)
        guard json.faultOffset == nil, !json.isIncomplete, !json.isCutAtLimit, json.values == 1 else { return nil }
        return LineTable(json.bytes)
    }
}
