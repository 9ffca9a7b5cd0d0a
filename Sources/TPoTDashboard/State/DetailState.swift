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

    /// The whole screen, not only the part below the list.
    package var isFull = false
    package var tab = Tab.request
    package var mode = BodyText.Mode.pretty
    package var scroll = DocumentPosition()
    /// Scrolled to its end: it stays there as more comes.
    package var followsEnd = false
    package var search: DocumentSearch?
    /// Whose detail was shown last: another one begins at its top.
    package var number: UInt64?
    /// The newest row could be seen when the detail was opened.
    var listWasAtTop = true

    package init() {}

    mutating func show(_ tab: Tab) {
        guard tab != self.tab else { return }
        self.tab = tab
        scroll = DocumentPosition()
        followsEnd = false
        search?.hit = nil
    }
}
