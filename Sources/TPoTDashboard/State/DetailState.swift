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

    /// The detail fills the screen instead of a part of it.
    package var isFull = false
    package var tab = Tab.request
    package var mode = BodyText.Mode.pretty
    package var scroll = DocumentPosition()
    /// The text is scrolled to its end and stays there as it grows.
    package var followsEnd = false
    package var search: DocumentSearch?
    /// The exchange that was shown last. A different one is shown from its top.
    package var number: UInt64?
    /// The newest row was visible when the detail was opened.
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
