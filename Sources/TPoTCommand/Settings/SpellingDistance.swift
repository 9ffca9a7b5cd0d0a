/// The number of edits between two names:
/// a letter removed, added, replaced, or swapped with its neighbour (optimal string alignment).
enum SpellingDistance {
    /// The name that was probably meant. Case and dashes are ignored, and one letter in four may be wrong.
    static func nearest(to text: String, among names: [String]) -> String? {
        let letters = letters(of: text)
        let distances = names.map { (name: $0, distance: between(letters, Self.letters(of: $0))) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, letters.count / 4) ? best.name : nil
    }

    /// At most 40 letters, which limits the work. No name is longer.
    private static func letters(of text: String) -> [Character] {
        Array(text.lowercased().filter { $0.isLetter || $0.isNumber }.prefix(40))
    }

    private static func between(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var next = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(last[column] + (letter == other ? 0 : 1), last[column + 1] + 1, next[column] + 1)
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                next.append(cost)
            }
            (beforeLast, last) = (last, next)
        }
        return last[right.count]
    }
}
