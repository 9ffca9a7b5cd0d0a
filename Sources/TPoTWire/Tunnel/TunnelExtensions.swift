/// What two sides may say to each other beyond TPoT/1 (protocol section 6), where both know it.
///
/// The client names what it knows in the header ``header`` of its upgrade request; the server's 101 repeats what it knows,
/// too. Servers and clients that have never heard of it ignore the header.
package struct TunnelExtensions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// `E`: a visitor closed its sending side.
    package static let half = TunnelExtensions(rawValue: 1 << 0)
    /// `X` says why, and how much the visitor took.
    package static let cause = TunnelExtensions(rawValue: 1 << 1)
    /// A secret that brings the name back after the connection was lost.
    package static let lease = TunnelExtensions(rawValue: 1 << 2)
    /// `I`: the address of an IPv6 visitor.
    package static let ip6 = TunnelExtensions(rawValue: 1 << 3)

    /// What is built on both sides.
    package static let ours: TunnelExtensions = [.half, .cause, .lease, .ip6]

    package static let header = "TPoT-Extensions"
    /// More names than this, or longer ones: nothing is agreed.
    static let namesAtMost = 16
    static let nameLengthAtMost = 32

    private static let names: [(name: String, value: TunnelExtensions)] = [
        ("half", .half), ("cause", .cause), ("lease", .lease), ("ip6", .ip6),
    ]

    /// Reads the values of all headers of that name; names in any case, those that nobody here knows are left out.
    package init(headers: [String]) {
        self = Self.parse(headers)?.known ?? []
    }

    /// Reads what a server's 101 says.
    ///
    /// - Returns: nil if it names what was not offered.
    package static func agreed(headers: [String], offered: TunnelExtensions) -> TunnelExtensions? {
        guard let (known, unknown) = parse(headers) else { return nil }
        return unknown == 0 && known.isSubset(of: offered) ? known : nil
    }

    /// Nil where there are too many names, or too long ones.
    private static func parse(_ headers: [String]) -> (known: TunnelExtensions, unknown: Int)? {
        let names = headers.flatMap { $0.split(separator: ",") }.map { name in
            var name = name
            while let first = name.first, first == " " || first == "\t" { name.removeFirst() }
            while let last = name.last, last == " " || last == "\t" { name.removeLast() }
            return name.lowercased()
        }.filter { !$0.isEmpty }
        guard names.count <= namesAtMost, names.allSatisfy({ $0.utf8.count <= nameLengthAtMost }) else { return nil }
        var known: TunnelExtensions = []
        var unknown = 0
        for name in names {
            if let found = Self.names.first(where: { $0.name == name }) {
                known.insert(found.value)
            } else {
                unknown += 1
            }
        }
        return (known, unknown)
    }

    /// As it stands in the header; empty where there is nothing to say.
    package var headerValue: String {
        Self.names.filter { contains($0.value) }.map(\.name).joined(separator: ", ")
    }
}

/// Why a conversation ended, in an `X` with a cause (extension `cause`).
package struct ConversationCause: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// All was taken; or the answer is complete.
    package static let complete = ConversationCause(rawValue: 0)
    /// From the server: the visitor reset its connection, or left before it had all. From the client: the answer is not
    /// complete, and the visitor is to know it.
    package static let incomplete = ConversationCause(rawValue: 1)
    /// From the server: the visitor took nothing for too long, or what it took is not known. From the client: the user
    /// closed the conversation, or refused it.
    package static let givenUp = ConversationCause(rawValue: 2)
    /// A limit was reached.
    package static let limit = ConversationCause(rawValue: 3)
    /// From the client only: the target was not connected.
    package static let notConnected = ConversationCause(rawValue: 4)

    package static let last = notConnected
}
