/// The only key table. Key handling, the help bar, the help screen, the palette and the README are all made from it.
package enum KeyBindings {
    /// The groups as the help shows them.
    package static let sections = [
        KeySection("Look around", [moving, inspecting, switching, reading, freezing, dividing]),
        KeySection("Find", [filtering, keeping, failing, sorting, choosing]),
        KeySection("Send again", [replaying, editing, signing, comparing]),
        KeySection("Hold", [holding, holdingMatching, deciding]),
        KeySection("Keep", [copying, saving, exporting, marking]),
        KeySection("The tunnel and tpot", [sharing, closing, commanding, leaving, rest]),
    ]
    package static let groups = sections.flatMap(\.groups)

    private static let moving = KeyGroup(
        "↑ ↓ j k, PgUp PgDn, ctrl-d ctrl-u, g G, Home End, wheel, click",
        "move in the list; in an open detail move its text; a double-click opens a row; tabs, column titles, the help bar, "
            + "headers and folded nodes take clicks, too; with shift (macOS: option) held, the mouse selects text",
        [
            .on(.key(.up), "k", contexts: [.pictures, .help], .up),
            .on(.key(.down), "j", contexts: [.pictures, .help], .down),
            .on(.key(.pageUp), contexts: [.pictures, .help], .pageUp),
            .on(.key(.pageDown), contexts: [.pictures, .help], .pageDown),
            .on(.key(.ctrl("u")), contexts: [.pictures, .help], .halfPageUp),
            .on(.key(.ctrl("d")), contexts: [.pictures, .help], .halfPageDown),
            .on(.key(.home), "g", contexts: [.pictures, .help], .top),
            .on(.key(.end), "G", contexts: [.pictures, .help], .bottom),
            .on(.mouse(.wheelUp), contexts: [.pictures, .help], .wheelUp),
            .on(.mouse(.wheelDown), contexts: [.pictures, .help], .wheelDown),
            .on(.mouse(.click), contexts: .pictures, .click),
        ]
    )

    private static let inspecting = KeyGroup(
        "enter / esc",
        "inspect (split, then full screen) / back",
        [
            .on(.key(.enter), contexts: [.requestLists, .conversations, .split, .comparison], .inspect),
            .on(.key(.escape), contexts: [.pictures, .help, .overlay, .copying, .saving, .columns], .back),
        ],
        hints: [
            .init(key: "enter", label: "inspect", contexts: .requestLists, order: 30, needs: .request),
            .init(
                key: "enter",
                label: "its last request",
                contexts: .conversations,
                order: 30,
                needs: .conversation
            ),
            .init(key: "enter", label: "full screen", contexts: .split, order: 30),
            .init(
                key: "esc",
                label: "back",
                contexts: [.details, .comparison, .help, .copying, .saving, .columns],
                order: 15
            ),
        ]
    )

    private static let switching = KeyGroup(
        "tab, 1 2 3 4 t, ← →",
        "lists (4 or t: when what waited for what, \(TimelineView.legend)); in the detail Request, Response, Timing; where two of them are visible, tab goes from one to the other",
        [
            .on(.key(.tab), contexts: [.lists, .details], .nextPane),
            .on(.key(.backTab), contexts: [.lists, .details], .previousPane),
            .on(.key(.right), contexts: [.lists, .details], .nextTab),
            .on(.key(.left), contexts: [.lists, .details], .previousTab),
            .on("1", contexts: [.lists, .details], .tab(1)),
            .on("2", contexts: [.lists, .details], .tab(2)),
            .on("3", contexts: [.lists, .details], .tab(3)),
            .on("4", "t", contexts: .lists, .tab(4)),
        ],
        hints: [
            .init(key: "← →", label: "request, response, timing", contexts: .details, order: 25),
            .init(key: "tab", label: "next list", contexts: [.conversations, .log], order: 25),
            .init(key: "t", label: "timeline", contexts: .requests, order: 103, needs: .request),
            .init(key: "1", label: "requests", contexts: .timeline, order: 25),
        ]
    )

    private static let freezing = KeyGroup(
        "space",
        "**freeze** the picture: traffic goes on, `frozen, 12 new`",
        [
            .on(" ", contexts: .pictures, .freeze)
        ],
        hints: [.init(key: "space", label: "freeze", contexts: .lists, order: 70)]
    )

    private static let dividing = KeyGroup(
        "+ -, drag",
        "move the line between list and detail; in the timeline a shorter or a longer time",
        [
            .on("+", contexts: .timeline, .zoomIn),
            .on("-", contexts: .timeline, .zoomOut),
            .on("+", contexts: .split, .widenList),
            .on("-", contexts: .split, .widenDetail),
            .on(.mouse(.release), contexts: .pictures, .release),
        ],
        hints: [.init(key: "+ -", label: "time", contexts: .timeline, order: 45)]
    )

    private static let commanding = KeyGroup(
        ":",
        "all commands by name: type a part of what it does, ↑ ↓ choose, enter runs it",
        [
            .on(":", contexts: .pictures, .palette)
        ],
        hints: [.init(key: ":", label: "commands", contexts: .pictures, order: 85)]
    )

    private static let filtering = KeyGroup(
        "/",
        "filter, shown as typed: words (in path, sender, event and headers), `method: status: path: remote: from: event: type: "
            + "header: took:>1s size:>1M body:`, `is:failed left marked replay held signed unsigned`, `5xx`, `-` before any; esc clears",
        [
            .on("/", contexts: .lists, .filter)
        ],
        hints: [.init(key: "/", label: "filter", contexts: .lists, order: 60, needs: .requests)]
    )

    private static let failing = KeyGroup(
        "!",
        "only requests that did not go well (the filter `is:failed`), or all again; `200⚑` the visitor left before it had the "
            + "answer, `200✗` the answer broke off, `✗` no answer came; \(LatencyBar.scale)",
        [
            .on("!", contexts: .lists, .failedOnly)
        ],
        hints: [.init(key: "!", label: "failures", contexts: .requestLists, order: 65, needs: .failures)]
    )

    private static let copying = KeyGroup(
        "y then u U c b h",
        "copy the request's URL, the public URL, curl command, body, head; over SSH by OSC 52",
        [
            .on("y", contexts: [.lists, .details], .copy),
            .on("u", contexts: .copying, .copyURL),
            .on("U", contexts: .copying, .copyPublicURL),
            .on("c", contexts: .copying, .copyCurl),
            .on("b", contexts: .copying, .copyBody),
            .on("h", contexts: .copying, .copyHead),
        ],
        hints: [.init(key: "y", label: "copy", contexts: [.requestLists, .details], order: 90)]
    )

    private static let exporting = KeyGroup(
        "w",
        "write the filtered exchanges to a HAR file",
        [
            .on("w", contexts: [.lists, .details], .writeHAR)
        ],
        hints: [.init(key: "w", label: "HAR", contexts: .requestLists, order: 110, needs: .request)]
    )

    private static let saving = KeyGroup(
        "S then 1 2",
        "save a body to a file, decoded; where there are two, 1 is the request's and 2 the response's",
        [
            .on("S", contexts: .exchange, .saveBody),
            .on("1", contexts: .saving, .saveRequestBody),
            .on("2", contexts: .saving, .saveResponseBody),
        ],
        hints: [.init(key: "S", label: "save body", contexts: .details, order: 95, needs: .request)]
    )

    private static let marking = KeyGroup(
        "m, X",
        "mark (a marked row is never evicted), clear unmarked rows (asks first)",
        [
            .on("m", contexts: .exchange, .mark),
            .on("X", contexts: [.requestLists, .confirming], .clearUnmarked),
        ],
        hints: [.init(key: "m", label: "mark", contexts: .requestLists, order: 100, needs: .request)]
    )

    private static let closing = KeyGroup(
        "x",
        "close the selected conversation",
        [
            .on("x", contexts: .conversations, .closeConversation)
        ],
        hints: [.init(key: "x", label: "close", contexts: .conversations, order: 35, needs: .openConversation)]
    )

    private static let reading = KeyGroup(
        "in the detail: J K, h, z Z, / n N, b",
        "next and previous request, headers, fold the marked JSON node or all, search as you type, pretty, raw, hex",
        [
            .on("J", contexts: .details, .nextExchange),
            .on("K", contexts: .details, .previousExchange),
            .on("h", contexts: .details, .foldHeaders),
            .on("z", contexts: [.details, .comparison], .foldNode),
            .on("Z", contexts: [.details, .comparison], .foldAll),
            .on("/", contexts: .details, .search),
            .on("n", contexts: [.details, .comparison], .searchNext),
            .on("N", contexts: [.details, .comparison], .searchPrevious),
            .on("b", contexts: .details, .bodyMode),
        ],
        hints: [
            .init(key: "n N", label: "next difference", contexts: .comparison, order: 25),
            .init(key: "z", label: "open equal lines", contexts: .comparison, order: 30),
            .init(key: "h", label: "headers", contexts: .details, order: 45),
            .init(key: "b", label: "pretty, raw, hex", contexts: .details, order: 55),
            .init(key: "/", label: "search", contexts: .details, order: 60),
            .init(key: "z", label: "fold", contexts: .details, order: 65),
            .init(key: "J K", label: "next request", contexts: .details, order: 70),
        ]
    )

    private static let sharing = KeyGroup(
        "o, Q",
        "open the URL in a browser, show it as a QR code",
        [
            .on("o", contexts: .lists, .openURL),
            .on("Q", contexts: .lists, .showQRCode),
        ],
        hints: [
            .init(key: "o", label: "open", contexts: .lists, order: 120, needs: .publicURL),
            .init(key: "Q", label: "QR code", contexts: .lists, order: 130, needs: .publicURL),
        ]
    )

    private static let leaving = KeyGroup(
        "q, y",
        "go back one step; at the top quit, which asks first while the tunnel is online: q again or y ends it, any other key "
            + "stays",
        [
            .on("q", contexts: [.pictures, .confirming], .leave),
            .on("q", contexts: [.help, .overlay, .copying, .saving, .columns], .back),
            .on("y", contexts: .confirming, .confirm),
        ],
        hints: [.init(key: "q", label: "quit", contexts: .lists, order: 10)]
    )

    private static let rest = KeyGroup(
        "?, ctrl-C, ctrl-Z, ctrl-L",
        "help, quit at once, suspend, redraw",
        [
            .on("?", contexts: .pictures, .help),
            .on("?", contexts: [.help, .overlay, .copying, .saving], .back),
            .on(.key(.ctrl("c")), contexts: .everywhere, .quit),
            .on(.key(.ctrl("z")), contexts: .everywhere, .suspend),
            .on(.key(.ctrl("l")), contexts: .everywhere, .redraw),
        ],
        hints: [.init(key: "?", label: "help", contexts: .pictures, order: 20)]
    )

    /// What a key does in a context; nil if nothing.
    package static func action(for key: Key, in context: KeyContext) -> KeyAction? {
        actions[KeyPattern(key)]?.first { $0.contexts.contains(context) }?.action
    }

    private static let actions: [KeyPattern: [KeyGroup.Binding]] = Dictionary(
        grouping: groups.flatMap(\.bindings).flatMap { binding in binding.patterns.map { ($0, binding) } },
        by: \.0
    ).mapValues { $0.map(\.1) }

    /// The hints of the help bar in a context, the most important first.
    package static func hints(in context: KeyContext) -> [KeyGroup.Hint] {
        hints.filter { $0.contexts.contains(context) }
    }

    private static let hints = groups.flatMap(\.hints).sorted { $0.order < $1.order }
}
