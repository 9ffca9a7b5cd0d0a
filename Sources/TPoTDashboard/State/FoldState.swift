/// The folded nodes of a JSON text, by the line at which each begins.
package struct FoldState: Hashable, Sendable {
    package private(set) var lines: Set<Int> = []
    /// The node that `z` acts on, by its line; nil for the first one on the screen.
    package var node: Int?

    package mutating func toggle(_ line: Int) {
        if lines.remove(line) == nil { lines.insert(line) }
    }

    package mutating func fold(_ new: some Sequence<Int>) { lines.formUnion(new) }

    package mutating func open(_ line: Int) { lines.remove(line) }

    package mutating func openAll() { lines = [] }
}
