/// What a cell means. How that looks is the terminal's business: a view chooses roles, never colours.
///
/// The letter stands for the role in ``Screen/roles``, the picture that tests compare.
package enum StyleRole: Character, CaseIterable, Sendable {
    case plain = "."
    /// Less important: times of old rows, explanations, closed conversations.
    case dim = "d"
    case title = "T"
    case accent = "a"
    case url = "u"
    case rule = "-"

    // MARK: Regions

    /// The program's name and the state at the top.
    case headerBar = "H"
    case columnTitle = "c"
    case activeTab = "A"
    case inactiveTab = "i"
    case selectedRow = "S"
    /// The `▸` in front of the selected row.
    case marker = ">"
    /// A row that the user marked.
    case marked = "M"
    case keyHint = "k"
    case keyLabel = "l"
    case prompt = "p"
    case input = "I"
    case message = "m"
    case sparkline = "~"

    // MARK: States

    case informational = "1"
    case success = "2"
    case redirect = "3"
    case clientError = "4"
    case serverError = "5"
    case warning = "w"
    case failure = "f"
    /// Traffic waits.
    case held = "h"
    /// Only the picture waits.
    case frozen = "z"
    case streaming = "s"
    case replay = "r"

    // MARK: Content

    case method = "t"
    case fieldName = "n"
    case fieldValue = "v"
    case jsonKey = "K"
    case jsonString = "\""
    case jsonNumber = "#"
    case jsonLiteral = "b"
    case jsonPunctuation = ","
    case hexOffset = "o"
    case hexBytes = "x"
    case added = "+"
    case removed = "_"
    case changed = "!"
    /// Stands for a secret that was left out.
    case mask = "*"
    /// A control character made visible.
    case escaped = "\\"
    case searchHit = "/"
    case currentSearchHit = "?"
    /// The squares of a QR code, dark on light whatever the theme is: a sign with something dark, and a blank.
    case qrDark = "Q"
    case qrLight = "q"

    package var letter: Character { rawValue }
}
