/// A JSON value.
///
/// Foundation's parser is not used: it loses the order of keys, rounds numbers and reports no lines. Changing one
/// setting in a configuration file must keep everything else in it.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The number as it was written.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// The kind of value, for errors.
    package var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "text"
        case .array: "a list"
        case .object: "an object"
        }
    }

    /// Indented by two spaces a level, without a final newline.
    package var formatted: String {
        var writer = JSONWriter()
        writer.write(self, indentation: 0)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

/// Members in the order in which they were written. If a name is repeated, the last value counts, as in JavaScript.
package struct JSONObject: Hashable, Sendable {
    package private(set) var members: [(name: String, value: JSONValue)] = []

    package init() {}

    package subscript(name: String) -> JSONValue? {
        get { members.first { $0.name == name }?.value }
        set {
            let index = members.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append((name, value))
            case (nil, nil): break
            }
        }
    }

    /// The value of a member that is text.
    package func text(_ name: String) -> String? {
        if case .string(let text)? = self[name] { text } else { nil }
    }

    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.elementsEqual(right.members) { $0 == $1 }
    }

    package func hash(into hasher: inout Hasher) {
        for member in members {
            hasher.combine(member.name)
            hasher.combine(member.value)
        }
    }
}
