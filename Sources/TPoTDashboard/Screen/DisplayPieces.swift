/// Splits text into the pieces of a screen. A piece is one character with its combining marks, 1 or 2 columns wide.
///
/// Nothing unsafe passes:
/// - A control or direction character becomes `�`.
/// - Joiners, variation selectors and skin tones are left out, because terminals disagree about their columns.
///
/// All drawing and measuring of text uses these pieces, so the two never disagree.
package struct DisplayPieces: Sequence, IteratorProtocol {
    package struct Piece: Equatable, Sendable {
        package let base: Unicode.Scalar
        package let marks: [Unicode.Scalar]
        package let width: Int
        /// The second letter of a flag, in its own cell. Some terminals draw the two narrow letters as one flag.
        package let partner: Unicode.Scalar?
    }

    /// The combining marks that one terminal cell can hold besides its base character.
    static let markLimit = 4
    static let replacement: Unicode.Scalar = "\u{fffd}"

    private let scalars: Substring.UnicodeScalarView
    /// The start of the next piece.
    private(set) var index: Substring.Index
    /// Whether the last scalar is one that a skin tone may follow.
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
                // The mark has no base, so it gets a blank. It must not change a cell that another text drew.
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
        // Half a flag takes one column in some terminals and two in others. A plain letter always takes one.
        return Piece(base: letter, marks: takeMarks(), width: 1, partner: nil)
    }

    private mutating func takeMarks(after count: Int = 0) -> [Unicode.Scalar] {
        var marks: [Unicode.Scalar] = []
        loop: while index < scalars.endIndex {
            let scalar = scalars[index]
            if scalar.isASCII { break }
            switch DisplayWidth.kind(of: scalar) {
            case .mark where marks.count + count < Self.markLimit: marks.append(scalar)
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

    /// The letter A to Z of a regional indicator, the characters that flags are made of; nil for any other scalar.
    private static func flagLetter(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        guard 0x1f1e6...0x1f1ff ~= scalar.value else { return nil }
        return Unicode.Scalar(scalar.value - 0x1f1e6 + 0x41)
    }
}
