/// Text cut into what stands on a screen: each piece is one character with its combining marks, 1 or 2 columns wide.
///
/// What must not reach a terminal ends here: a control or direction character becomes `�`, and joiners, variation
/// selectors and skin tones, about whose columns terminals disagree, are left out. Everything that draws or measures
/// text goes through here, so that they never disagree.
package struct DisplayPieces: Sequence, IteratorProtocol {
    package struct Piece: Equatable, Sendable {
        package let base: Unicode.Scalar
        package let marks: [Unicode.Scalar]
        package let width: Int
        /// The second half of a flag, in a cell of its own: two narrow letters, which some terminals draw as one sign.
        package let partner: Unicode.Scalar?
    }

    /// What one cell of a terminal can hold beside the base.
    static let mostMarks = 4
    static let replacement: Unicode.Scalar = "\u{fffd}"

    private let scalars: Substring.UnicodeScalarView
    /// Where the next piece begins.
    private(set) var index: Substring.Index
    /// What a skin tone may follow.
    private var isAfterSymbol = false

    package init(_ text: some StringProtocol) {
        scalars = Substring(text).unicodeScalars
        index = scalars.startIndex
    }

    package mutating func next() -> Piece? {
        while index < scalars.endIndex {
            let scalar = scalars[index]
            scalars.formIndex(after: &index)
            let kind = DisplayWidth.kind(of: scalar)
            let wasAfterSymbol = isAfterSymbol
            isAfterSymbol = scalar.value >= 0x2000
            switch kind {
            case .wide:
                return Piece(base: scalar, marks: takeMarks(), width: 2, partner: nil)
            case .narrow:
                return narrow(scalar)
            case .mark:
                // Nothing here to stand on; what another text drew before is not to be changed.
                return Piece(base: " ", marks: [scalar] + takeMarks(after: 1), width: 1, partner: nil)
            case .dropped where Self.isSkinTone(scalar) && !wasAfterSymbol:
                return Piece(base: Self.replacement, marks: [], width: 1, partner: nil)
            case .dropped:
                continue
            case .forbidden:
                return Piece(base: Self.replacement, marks: [], width: 1, partner: nil)
            }
        }
        return nil
    }

    private mutating func narrow(_ scalar: Unicode.Scalar) -> Piece {
        guard let letter = Self.flagLetter(scalar) else {
            return Piece(base: scalar, marks: takeMarks(), width: 1, partner: nil)
        }
        if index < scalars.endIndex, Self.flagLetter(scalars[index]) != nil {
            let partner = scalars[index]
            scalars.formIndex(after: &index)
            return Piece(base: scalar, marks: [], width: 2, partner: partner)
        }
        // Half a flag: some terminals make it one column, some two. A letter is always one.
        return Piece(base: letter, marks: takeMarks(), width: 1, partner: nil)
    }

    private mutating func takeMarks(after count: Int = 0) -> [Unicode.Scalar] {
        var marks: [Unicode.Scalar] = []
        loop: while index < scalars.endIndex {
            let scalar = scalars[index]
            if scalar.isASCII { break }
            switch DisplayWidth.kind(of: scalar) {
            case .mark where marks.count + count < Self.mostMarks: marks.append(scalar)
            case .mark: break
            case .dropped where !Self.isSkinTone(scalar) || isAfterSymbol: break
            default: break loop
            }
            scalars.formIndex(after: &index)
        }
        return marks
    }

    private static func isSkinTone(_ scalar: Unicode.Scalar) -> Bool {
        0x1f3fb...0x1f3ff ~= scalar.value
    }

    /// A to Z for the letters that flags are made of.
    private static func flagLetter(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        guard 0x1f1e6...0x1f1ff ~= scalar.value else { return nil }
        return Unicode.Scalar(scalar.value - 0x1f1e6 + 0x41)
    }
}
