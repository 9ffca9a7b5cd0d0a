/// A key of the table. Mouse events match wherever the mouse points.
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

/// What a key does. The mouse actions apply to the place where the mouse points.
package enum KeyAction: Hashable, Sendable {
    case up, down, pageUp, pageDown, top, bottom
    case halfPageUp, halfPageDown
    case wheelUp, wheelDown, click, release
    case nextExchange, previousExchange
    case inspect, back
    case nextTab, previousTab
    /// The next text where request and response are both visible; else as ``nextTab``.
    case nextPane, previousPane
    /// The list with the number 1, 2, 3 or 4, or the tab of the detail.
    case tab(Int)
    case freeze, hold
    /// Asks which requests to hold.
    case holdMatching
    /// Lets a held request go on, or refuses it.
    case letGo, refuse
    case replay, replayMany, edit, compare
    /// Replays get a new signature, or keep the old one.
    case signAnew
    case sort
    case filter, search, searchNext, searchPrevious, bodyMode
    case foldHeaders, foldNode, foldAll
    case copy, copyURL, copyPublicURL, copyCurl, copyBody, copyHead
    case writeHAR
    /// Saves a body to a file, and which one of the two.
    case saveBody, saveRequestBody, saveResponseBody
    case mark, clearUnmarked
    case closeConversation
    /// Moves the line between list and detail.
    case widenList, widenDetail
    /// The timeline shows a shorter span, or a longer one.
    case zoomIn, zoomOut
    /// Asks for a command by name.
    case palette
    case openURL, showQRCode
    case help, suspend, redraw
    /// Ends the program at once.
    case quit
    /// Goes back one step, and at the top level quits.
    case leave
    /// Says yes to a question.
    case confirm
    /// Shows only requests that did not go well, or all again.
    case failedOnly
    /// Shows what the filter on this key lets through, or all again.
    case keptFilter(Int)
    /// Keeps the filter on the next free key, or frees the one that it is on.
    case keepFilter
    /// In the prompt of the filter: those used before.
    case olderFilter, newerFilter
    case chooseColumns
    /// Shows or hides the column with this number, or the one with the cursor.
    case toggleColumn(Int?)
}

/// The part of the dashboard that a key press goes to.
package struct KeyContext: OptionSet, Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    package static let requests = KeyContext(rawValue: 1)
    package static let conversations = KeyContext(rawValue: 2)
    package static let log = KeyContext(rawValue: 4)
    /// The detail is open beside or below the list, and the cursor stays in the list.
    package static let split = KeyContext(rawValue: 8)
    /// The detail fills the screen.
    package static let detail = KeyContext(rawValue: 16)
    package static let comparison = KeyContext(rawValue: 32)
    package static let help = KeyContext(rawValue: 64)
    /// Any overlay but help: every key closes it.
    package static let overlay = KeyContext(rawValue: 128)
    /// After `y`: the next key says what to copy.
    package static let copying = KeyContext(rawValue: 256)
    /// The user is typing a text.
    package static let typing = KeyContext(rawValue: 512)

    /// The last line asks whether to do something that cannot be undone.
    package static let confirming = KeyContext(rawValue: 1024)

    /// The list of columns to choose from.
    package static let columns = KeyContext(rawValue: 1 << 20)

    /// After `S`: the next key says which body to save.
    package static let saving = KeyContext(rawValue: 1 << 16)

    package static let timeline = KeyContext(rawValue: 1 << 17)

    /// Lists of requests.
    static let requestLists: KeyContext = [.requests, .timeline]
    static let lists: KeyContext = [.requestLists, .conversations, .log]
    static let details: KeyContext = [.split, .detail]
    /// Contexts in which an exchange can be selected.
    static let exchange: KeyContext = [.requestLists, .split, .detail]
    static let pictures: KeyContext = [.lists, .details, .comparison]
    static let everywhere: KeyContext = [.pictures, .help, .overlay, .copying, .saving, .typing, .confirming, .columns]
}

/// What a key needs to do anything.
package enum KeyNeed: Hashable, Sendable {
    case nothing
    /// Requests that are kept, whether the filter hides them or not.
    case requests
    /// Requests that did not go well, or the filter for them.
    case failures
    /// A selected request.
    case request
    /// A selected request that can be sent again.
    case replayable
    /// A selected request that is held because it matches the filter of the hold.
    case heldRequest
    case conversation
    /// A selected conversation that is open.
    case openConversation
    case publicURL
    /// A tunnel, and not only what one has captured before.
    case tunnel
    /// The secret of a webhook.
    case webhookSecret
}

/// A row of the key table: keys that belong together, with their meaning.
package struct KeyGroup: Sendable {
    package struct Binding: Sendable {
        package let patterns: [KeyPattern]
        package let action: KeyAction
        package let contexts: KeyContext
    }

    /// A key in the help bar.
    package struct Hint: Sendable {
        package let key: String
        package let label: String
        package let contexts: KeyContext
        /// Hints with lower numbers come first and stay longest when there is little room.
        package let order: Int
        /// The hint is shown only while its key would do something.
        package let needs: KeyNeed

        init(key: String, label: String, contexts: KeyContext, order: Int, needs: KeyNeed = .nothing) {
            self.key = key
            self.label = label
            self.contexts = contexts
            self.order = order
            self.needs = needs
        }
    }

    /// The keys as the help screen and the README show them.
    package let keys: String
    /// What the keys do, in Markdown (`**` and backticks).
    package let meaning: String
    package let bindings: [Binding]
    package let hints: [Hint]

    init(_ keys: String, _ meaning: String, _ bindings: [Binding], hints: [Hint] = []) {
        self.keys = keys
        self.meaning = meaning
        self.bindings = bindings
        self.hints = hints
    }

    /// The meaning without Markdown.
    package var plainMeaning: String { Self.plain(meaning) }
    /// The keys without Markdown.
    package var plainKeys: String { Self.plain(keys) }

    private static func plain(_ text: String) -> String {
        text.filter { $0 != "`" && $0 != "*" }
    }
}

extension KeyGroup.Binding {
    static func on(_ patterns: KeyPattern..., contexts: KeyContext, _ action: KeyAction) -> Self {
        Self(patterns: patterns, action: action, contexts: contexts)
    }
}

/// Groups of the key table that belong together.
package struct KeySection: Sendable {
    package let title: String
    package let groups: [KeyGroup]

    init(_ title: String, _ groups: [KeyGroup]) {
        self.title = title
        self.groups = groups
    }
}
