/// The meaning of a cell. Views choose roles; the terminal chooses the colours for them.
///
/// The letter stands for the role in the pictures that tests compare.
package enum StyleRole: Character, CaseIterable, Sendable {
    case plain = "."
    /// Less important text, such as times, explanations and closed conversations.
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
    /// A selected row of a list whose cells have no states of their own. See ``Screen/select(row:column:width:)``.
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
    /// The traffic is waiting.
    case held = "h"
    /// Only the picture is waiting.
    case frozen = "z"
    /// No answer yet.
    case waiting = "W"
    case streaming = "s"
    case replay = "r"

    // MARK: Bars, drawn with blocks

    case barHeld = "6"
    case barConnect = "7"
    case barSend = "8"
    /// The target is working.
    case barWork = "9"
    case barAnswer = "0"
    /// The bar beside the time taken.
    case latencyBar = "B"

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
    /// What differs within an added line and within a removed one.
    case addedPart = "P"
    case removedPart = "R"
    case changed = "!"
    /// Text that replaces a secret.
    case mask = "*"
    /// A control character made visible.
    case escaped = "\\"
    case searchHit = "/"
    case currentSearchHit = "?"
    /// The modules of a QR code, dark on light in every theme. `qrDark` has a block character, `qrLight` is a blank.
    case qrDark = "Q"
    case qrLight = "q"

    package var letter: Character { rawValue }
}
