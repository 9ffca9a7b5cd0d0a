import TPoTWire

/// What is left out when two messages are compared.
package struct ComparisonExceptions: Hashable, Sendable {
    /// In lower case.
    private var fields: Set<String> = []
    private(set) var pointers: [JSONPointer] = []

    /// Only what differs each time anyway.
    package init() {}

    package mutating func ignore(field name: String) {
        fields.insert(name.lowercased())
    }

    package mutating func ignore(_ pointer: JSONPointer) {
        pointers.append(pointer)
    }

    /// Times, and what follows from the body or from the connection.
    private static let changing: Set = [
        "date", "age", "expires", "set-cookie", "etag", "server-timing", "x-runtime", "x-response-time", "traceparent",
        "tracestate", "cf-ray", "x-amz-id-2", "content-length", "transfer-encoding", "connection", "keep-alive",
        "trailer",
    ]
    /// How names of fields end that number each request, without hyphens.
    private static let idEndings = ["requestid", "correlationid", "traceid", "spanid"]

    /// - Parameter name: in lower case.
    func ignores(field name: String) -> Bool {
        if Self.changing.contains(name) || fields.contains(name) { return true }
        let letters = name.filter { $0 != "-" && $0 != "_" }
        return Self.idEndings.contains { letters.hasSuffix($0) }
    }
}
