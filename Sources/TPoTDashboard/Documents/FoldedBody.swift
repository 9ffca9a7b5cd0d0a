import TPoTInspect

/// Which lines of a JSON body are visible while some of its nodes are folded.
struct FoldedBody: Sendable {
    /// A folded node that no other folded node contains.
    private struct Fold: Sendable {
        var node: JSONNodes.Node
        /// The number of hidden lines before and in this fold.
        var hidden: Int
    }

    let count: Int
    private var folds: [Fold] = []

    /// - Parameter count: the lines of the whole body.
    init(_ nodes: JSONNodes, folds lines: Set<Int>, count: Int) {
        var hidden = 0
        for line in lines.sorted() {
            guard let node = nodes.node(at: line), node.lines.lowerBound >= folds.last?.node.lines.upperBound ?? 0
            else {
                continue
            }
            hidden += node.lines.count - 1
            folds.append(Fold(node: node, hidden: hidden))
        }
        self.count = count - hidden
    }

    /// The line of the body that is visible at a place.
    func bodyLine(at place: Int) -> Int {
        // The folds that begin before this place.
        let before = folds.firstPlace { fold in
            fold.node.lines.lowerBound - (fold.hidden - (fold.node.lines.count - 1)) < place
        }
        return place + (before > 0 ? folds[before - 1].hidden : 0)
    }

    func place(of line: Int) -> Int {
        let before = folds.firstPlace { $0.node.lines.lowerBound < line }
        guard before > 0 else { return line }
        let fold = folds[before - 1]
        let hiddenBefore = fold.hidden - (fold.node.lines.count - 1)
        if fold.node.lines.contains(line) { return fold.node.lines.lowerBound - hiddenBefore }
        return line - fold.hidden
    }

    /// `"data": { 3 keys },`
    func line(_ place: Int, of body: BodyText) -> StyledLine {
        let number = bodyLine(at: place)
        var line = StyledLine(body.line(number))
        let index = folds.firstPlace { $0.node.lines.lowerBound < number }
        guard index < folds.count, folds[index].node.lines.lowerBound == number else { return line }
        let node = folds[index].node
        let what = node.isObject ? Formats.count(node.children, "key") : Formats.count(node.children, "item")
        line.add(" \(what) ", .dim)
        let last = body.line(node.lines.upperBound - 1).text.drop { $0 == " " }
        line.add(String(last), .jsonPunctuation)
        return line
    }
}

extension Array {
    /// The number of elements at the beginning for which `isBefore` is true, by a binary search.
    fileprivate func firstPlace(while isBefore: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
