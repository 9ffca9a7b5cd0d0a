extension KeyAction {
    /// What the palette calls it. Nil for what is no command of its own: moving, answers to questions, and the mouse.
    /// - Parameter context: where the key is pressed.
    func title(in context: KeyContext) -> String? {
        switch self {
        case .up, .down, .pageUp, .pageDown, .top, .bottom, .halfPageUp, .halfPageDown, .wheelUp, .wheelDown, .click,
            .release, .confirm, .nextTab, .previousTab, .nextPane, .previousPane, .palette, .saveRequestBody,
            .saveResponseBody, .olderFilter, .newerFilter:
            nil
        case .nextExchange: "next request"
        case .previousExchange: "previous request"
        case .inspect:
            switch context {
            case .split: "the whole screen for the detail"
            // z is the key for it.
            case .comparison: nil
            default: "read the request and its answer"
            }
        case .back: nil
        case .tab(let number):
            KeyContext.details.contains(context)
                ? DetailState.Tab(rawValue: number).map { "\($0.title.lowercased()) of the request" }
                : DashboardState.List(rawValue: number).map { "list: \($0.title)" }
        case .freeze: "freeze the picture, or go on"
        case .hold: "hold all visitors, or release them"
        case .holdMatching: "hold what matches a filter"
        case .letGo: "let the held request go"
        case .refuse: "refuse the held request"
        case .replay: "send it again"
        case .replayMany: "send it again several times"
        case .edit: "edit and send it"
        case .signAnew: "sign replays of webhooks anew, or as captured"
        case .compare: "compare with its replay, its original, or another one"
        case .sort: "sort by the next column"
        case .filter: "filter the requests"
        case .failedOnly: "only failures, or all requests"
        case .chooseColumns: "choose the columns"
        case .toggleColumn: nil
        // There are five of them, and most keys have none.
        case .keptFilter: nil
        case .keepFilter: "keep the filter on a number, or free it"
        case .search: "search in the text"
        case .searchNext: context == .comparison ? "next difference" : "next hit"
        case .searchPrevious: context == .comparison ? "previous difference" : "previous hit"
        case .bodyMode: "body: pretty, raw or hex"
        case .foldHeaders: "headers: fold or open"
        case .foldNode: context == .comparison ? "open or fold equal lines" : "fold or open the marked node"
        case .foldAll: context == .comparison ? "open or fold all equal lines" : "fold or open all nodes"
        case .copy: "copy …"
        case .copyURL: "copy the URL of the request"
        case .copyPublicURL: "copy the public URL"
        case .copyCurl: "copy as a curl command"
        case .copyBody: "copy the body"
        case .copyHead: "copy the head"
        case .writeHAR: "write a HAR file"
        case .saveBody: "save a body to a file"
        case .mark: "mark, or take the mark away"
        case .clearUnmarked: "clear what is not marked"
        case .closeConversation: "close the conversation"
        case .openURL: "open the public URL in a browser"
        case .showQRCode: "QR code of the public URL"
        case .widenList: "more rows for the list"
        case .widenDetail: "more rows for the detail"
        case .zoomIn: "a shorter time"
        case .zoomOut: "a longer time"
        case .help: "help: all keys"
        case .suspend: "suspend tpot"
        case .redraw: "redraw the screen"
        case .leave: KeyContext.lists.contains(context) ? "quit" : "back"
        case .quit: "quit at once"
        }
    }

    /// What it needs to do anything.
    var needs: KeyNeed {
        switch self {
        case .replay, .replayMany, .edit: .replayable
        case .letGo, .refuse: .heldRequest
        case .inspect, .compare, .copyURL, .copyCurl, .copyBody, .copyHead, .saveBody, .mark, .bodyMode, .foldHeaders,
            .foldNode, .foldAll, .search, .searchNext, .searchPrevious:
            .request
        case .filter, .sort, .writeHAR, .clearUnmarked: .requests
        case .failedOnly: .failures
        case .closeConversation: .openConversation
        case .hold, .holdMatching: .tunnel
        case .copyPublicURL, .openURL, .showQRCode: .publicURL
        case .signAnew: .webhookSecret
        default: .nothing
        }
    }
}

extension KeyNeed {
    /// Why a command does nothing now.
    var reason: String {
        switch self {
        case .nothing: ""
        case .requests: "no request has come"
        case .failures: "nothing failed"
        case .request: "no request is selected"
        case .replayable: "nothing is selected that can be sent again"
        case .heldRequest: "no held request is selected"
        case .conversation: "no conversation is selected"
        case .openConversation: "no open conversation is selected"
        case .publicURL: "there is no public URL yet"
        case .tunnel: "there is no tunnel"
        case .webhookSecret: "no secret of a webhook is known"
        }
    }
}

extension KeyPattern {
    private static let names: [KeyPattern: String] = [
        .key(.up): "↑", .key(.down): "↓", .key(.left): "←", .key(.right): "→", .key(.pageUp): "PgUp",
        .key(.pageDown): "PgDn", .key(.home): "Home", .key(.end): "End", .mouse(.wheelUp): "wheel",
        .mouse(.wheelDown): "wheel", .mouse(.click): "click", .mouse(.release): "drag", .key(.enter): "enter",
        .key(.escape): "esc", .key(.tab): "tab", .key(.backTab): "tab", " ": "space",
    ]

    /// The key as the help, the README and the palette write it: `↑`, `ctrl-C`, `q`.
    var name: String {
        if let name = Self.names[self] { return name }
        switch self {
        case .key(.character(let character)): return String(character)
        case .key(.ctrl(let character)):
            // Those that every program has are written as everywhere.
            return "ctrl-" + ("czl".contains(character) ? character.uppercased() : String(character))
        default: return "\(self)"
        }
    }

    /// The key with this name.
    static func key(named name: String) -> Key? {
        for (pattern, known) in names where known == name {
            if case .key(let key) = pattern, key != .backTab { return key }
        }
        return name.count == 1 ? name.first.map { .character($0) } : nil
    }
}
