import TPoTInspect

/// The open detail of an exchange.
package struct DetailState: Hashable, Sendable {
    package enum Tab: Int, Hashable, Sendable, CaseIterable {
        case request = 1
        case response, timing

        package var title: String {
            switch self {
            case .request: "Request"
            case .response: "Response"
            case .timing: "Timing"
            }
        }
    }

    /// What a tab remembers of its text.
    package struct Text: Hashable, Sendable {
        package var mode = BodyText.Mode.pretty
        package var scroll = DocumentPosition()
        /// The text is scrolled to its end and stays there as it grows.
        package var followsEnd = false
        package var folds = FoldState()
    }

    /// The detail fills the screen instead of a part of it.
    package var isFull = false
    /// The open tab. Where request and response are both visible, the one that has the keys.
    package private(set) var tab = Tab.request
    /// Whether the headers are shown line by line; nil leaves that to the room there is.
    package var headersAreOpen: Bool?
    package var search: DocumentSearch?
    /// The exchange that was shown last. A different one is shown from its top.
    package private(set) var number: UInt64?
    /// The newest row was visible when the detail was opened.
    var listWasAtTop = true
    private var texts: [Tab: Text] = [:]

    package init() {}

    package subscript(tab: Tab) -> Text {
        get { texts[tab] ?? Text() }
        set { texts[tab] = newValue }
    }

    /// The text of the open tab.
    package var text: Text {
        get { self[tab] }
        set { self[tab] = newValue }
    }

    mutating func show(_ tab: Tab) {
        guard tab != self.tab else { return }
        self.tab = tab
        search?.forgetHit()
    }

    /// Begins anew for another exchange. Modes and open headers stay.
    mutating func show(_ number: UInt64?) {
        guard number != self.number else { return }
        self.number = number
        for (tab, text) in texts {
            var new = Text()
            new.mode = text.mode
            texts[tab] = new
        }
        search?.forgetHit()
    }
}
