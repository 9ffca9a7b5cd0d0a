/// Where a key is pressed.
package struct KeyContext: OptionSet, Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    package static let requests = KeyContext(rawValue: 1)
    package static let conversations = KeyContext(rawValue: 2)
    package static let log = KeyContext(rawValue: 4)
    /// The detail below the list, which keeps the cursor.
    package static let split = KeyContext(rawValue: 8)
    /// The detail alone.
    package static let detail = KeyContext(rawValue: 16)
    package static let comparison = KeyContext(rawValue: 32)
    package static let help = KeyContext(rawValue: 64)
    /// Another overlay: any key closes it.
    package static let overlay = KeyContext(rawValue: 128)
    /// After `y`.
    package static let copying = KeyContext(rawValue: 256)
    /// A text is being typed.
    package static let typing = KeyContext(rawValue: 512)

    static let lists: KeyContext = [.requests, .conversations, .log]
    static let details: KeyContext = [.split, .detail]
    /// An exchange is selected.
    static let exchange: KeyContext = [.requests, .split, .detail]
    static let pictures: KeyContext = [.lists, .details, .comparison]
    static let everywhere: KeyContext = [.pictures, .help, .overlay, .copying, .typing]
}
