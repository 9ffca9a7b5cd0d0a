/// Extensions of TPoT/1 that are used if both sides know them (protocol section 6).
///
/// The client lists the extensions that it knows in the header ``header`` of its upgrade request. The server's 101
/// lists those of them that it knows, too. Servers and clients without extensions ignore the header.
package struct TunnelExtensions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// `E`: a visitor closed its sending side.
    package static let half = TunnelExtensions(rawValue: 1 << 0)
    /// `X` says why the conversation ended, and how much the visitor received.
    package static let cause = TunnelExtensions(rawValue: 1 << 1)
    /// A secret with which the client gets its name back after the connection was lost.
    package static let lease = TunnelExtensions(rawValue: 1 << 2)
    /// `I`: the address of an IPv6 visitor.
    package static let ip6 = TunnelExtensions(rawValue: 1 << 3)

    /// The extensions that this program implements, on both sides.
    package static let ours: TunnelExtensions = [.half, .cause, .lease, .ip6]

    package static let header = "TPoT-Extensions"
    /// If there are more names than this, or longer ones, no extension is used.
    static let namesAtMost = 16
    static let nameLengthAtMost = 32

    private static let names: [(name: String, value: TunnelExtensions)] = [
        ("half", .half), ("cause", .cause), ("lease", .lease), ("ip6", .ip6),
    ]

    /// Reads the values of all headers with that name. Case is ignored, and unknown extensions are left out.
    package init(headers: [String]) {
        self = Self.parse(headers)?.known ?? []
    }

    /// Reads what a server's 101 says.
    ///
    /// - Returns: nil if it lists an extension that was not offered.
    package static func agreed(headers: [String], offered: TunnelExtensions) -> TunnelExtensions? {
        guard let (known, unknown) = parse(headers) else { return nil }
        return unknown == 0 && known.isSubset(of: offered) ? known : nil
    }

    /// Nil if there are too many names, or too long ones.
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

    /// The value of the header. Empty if there are no extensions.
    package var headerValue: String {
        Self.names.filter { contains($0.value) }.map(\.name).joined(separator: ", ")
    }
}

/// Why a conversation ended, as sent in an `X` (extension `cause`).
package struct ConversationCause: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The visitor received everything, or the answer is complete.
    package static let complete = ConversationCause(rawValue: 0)
    /// From the server: the visitor reset its connection, or left before it had received everything.
    /// From the client: the answer is not complete, and the visitor must be able to tell.
    package static let incomplete = ConversationCause(rawValue: 1)
    /// From the server: the visitor accepted nothing for too long, or it is not known how much it received.
    /// From the client: the user closed or refused the conversation.
    package static let givenUp = ConversationCause(rawValue: 2)
    /// A limit was reached.
    package static let limit = ConversationCause(rawValue: 3)
    /// From the client only: the target could not be connected.
    package static let notConnected = ConversationCause(rawValue: 4)

    package static let last = notConnected
}
