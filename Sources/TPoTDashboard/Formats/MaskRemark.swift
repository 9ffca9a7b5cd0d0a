import TPoTInspect

extension SecretMask {
    /// Names of fields that are named in a remark; more are only counted.
    private static let namesInRemark = 5

    /// Says which parts of a head were masked, and how to see them. Nil if the head has no secrets.
    package func remark(head: [UInt8]) -> String? {
        let hidden = hidden(head: head)
        return Self.remark((hidden.isURL ? ["parts of the URL"] : []) + hidden.fields)
    }

    /// Says that secrets in a URL were masked. Nil if the URL has none.
    package func remark(url text: String) -> String? {
        Self.remark(url(text) == text ? [] : ["parts of it"])
    }

    private static func remark(_ hidden: [String]) -> String? {
        guard !hidden.isEmpty else { return nil }
        let more = hidden.count - namesInRemark
        let names = hidden.prefix(namesInRemark) + (more > 0 ? ["\(more) more"] : [])
        return "\(names.joined(separator: ", ")) masked (--export-secrets leaves it in)"
    }
}
