import TPoTWire

/// Something that a client can ask for by name.
protocol MCPTool: Sendable {
    var description: ToolDescription { get }

    /// - Throws: a ``ToolFault`` or a ``CommandError`` if it cannot be done.
    func call(_ arguments: ToolArguments, _ progress: ToolProgress) async throws -> ToolResult
}

/// What a client is told about a tool.
struct ToolDescription: Sendable {
    var name: String
    var title: String
    var text: String
    var arguments: [ToolArgument]
    var isReadOnly = true
    /// It may take minutes, and is not worth finishing when the client has gone.
    var isPatient = false

    /// As in the answer to `tools/list`.
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.add("name", name)
            json.add("title", title)
            json.add("description", text)
            json.object("inputSchema") { json in
                json.add("type", "object")
                json.object("properties") { json in
                    for argument in arguments { argument.write(to: &json) }
                }
                let required = arguments.filter(\.isRequired)
                if !required.isEmpty {
                    json.array("required") { json in
                        for argument in required { json.append(argument.name) }
                    }
                }
                json.add("additionalProperties", false)
            }
            json.object("annotations") { json in
                json.add("title", title)
                json.add("readOnlyHint", isReadOnly)
                // What a replay does to the target is not known: the request may have been a payment.
                json.add("destructiveHint", !isReadOnly)
                json.add("idempotentHint", isReadOnly)
                json.add("openWorldHint", !isReadOnly)
            }
        }
    }
}

/// An argument of a tool.
struct ToolArgument: Sendable {
    enum Kind: Sendable {
        case text(limit: Int)
        case choice([String])
        case number(ClosedRange<UInt64>)
        case texts(limit: Int)
        /// An object whose members are text, or null.
        case fields(limit: Int)
    }

    /// A number of a request. JavaScript has no larger whole numbers.
    static let anyNumber: ClosedRange<UInt64> = 1...(1 << 53)

    var name: String
    var kind: Kind
    var text: String
    var isRequired = false

    init(_ name: String, _ kind: Kind, _ text: String, isRequired: Bool = false) {
        (self.name, self.kind, self.text, self.isRequired) = (name, kind, text, isRequired)
    }

    func write(to json: inout JSONWriter) {
        json.object(name) { json in
            switch kind {
            case .text(let limit):
                json.add("type", "string")
                json.add("maxLength", limit)
            case .choice(let words):
                json.add("type", "string")
                json.array("enum") { json in
                    for word in words { json.append(word) }
                }
            case .number(let range):
                json.add("type", "integer")
                json.add("minimum", Int(clamping: range.lowerBound))
                json.add("maximum", Int(clamping: range.upperBound))
            case .texts(let limit):
                json.add("type", "array")
                json.object("items") { json in json.add("type", "string") }
                json.add("maxItems", limit)
            case .fields(let limit):
                json.add("type", "object")
                json.object("additionalProperties") { json in
                    json.array("type") { json in
                        json.append("string")
                        json.append("null")
                    }
                }
                json.add("maxProperties", limit)
            }
            json.add("description", text)
        }
    }
}

/// A tool cannot do what it was asked for. The sentence says what is wrong and what to do; the model reads it.
struct ToolFault: Error, Hashable {
    var text: String

    init(_ text: String) {
        self.text = text
    }
}

/// Tells the client that a call goes on, if it asked for that.
struct ToolProgress: Sendable {
    /// - Parameters: what was done, of what, and a sentence.
    var tell: @Sendable (Int, Int, String) async -> Void
}
