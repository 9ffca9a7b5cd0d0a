/// A key of the table: the mouse counts wherever it points.
package enum KeyPattern: Hashable, Sendable {
    case key(Key)
    case mouse(Key.MouseKind)

    init(_ key: Key) {
        if case .mouse(_, _, let kind) = key { self = .mouse(kind) } else { self = .key(key) }
    }
}

extension KeyPattern: ExpressibleByExtendedGraphemeClusterLiteral {
    package init(extendedGraphemeClusterLiteral character: Character) {
        self = .key(.character(character))
    }
}
