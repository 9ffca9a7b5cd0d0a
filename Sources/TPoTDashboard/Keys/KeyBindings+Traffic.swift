/// Keys that act on traffic: they hold it, send it again, or compare it.
extension KeyBindings {
    static let holding = KeyGroup(
        "p",
        "**hold** the tunnel: visitors wait by flow control, and nothing is lost; p again releases all in order, and "
            + "quitting refuses what is waiting",
        [
            .on("p", contexts: .pictures, .hold)
        ],
        hints: [.init(key: "p", label: "hold", contexts: .lists, order: 80, needs: .tunnel)]
    )

    static let holdingMatching = KeyGroup(
        "P",
        "hold what matches a filter (`method: path: remote: from: header:`, words, `-`): it waits, and what comes after it on "
            + "the same connection; all others pass. P or p again releases all",
        [
            .on("P", contexts: .pictures, .holdMatching)
        ],
        hints: [.init(key: "P", label: "hold by filter", contexts: .requestLists, order: 135, needs: .tunnel)]
    )

    static let deciding = KeyGroup(
        "l, x",
        "on a held request: let it go / refuse it (asks the status, and its connection closes); e edits it, and it goes on",
        [
            .on("l", contexts: .exchange, .letGo),
            .on("x", contexts: .exchange, .refuse),
        ],
        hints: [
            .init(key: "l", label: "let go", contexts: .exchange, order: 31, needs: .heldRequest),
            .init(key: "x", label: "refuse", contexts: .exchange, order: 32, needs: .heldRequest),
        ]
    )

    static let replaying = KeyGroup(
        "r / R",
        "replay as captured / several times (asks how many)",
        [
            .on("r", contexts: .exchange, .replay),
            .on("R", contexts: .exchange, .replayMany),
        ],
        hints: [.init(key: "r", label: "replay", contexts: .exchange, order: 40, needs: .replayable)]
    )

    static let editing = KeyGroup(
        "e",
        "edit the request in `$VISUAL`/`$EDITOR`, its body decoded, then replay: coded again, Content-Length corrected unless "
            + "you changed it; untouched bytes stay",
        [
            .on("e", contexts: .exchange, .edit)
        ],
        hints: [.init(key: "e", label: "edit", contexts: .exchange, order: 50, needs: .replayable)]
    )

    static let signing = KeyGroup(
        "a",
        "replays of webhooks are signed anew, or as captured: where the secret is known (`--webhook-secret`), `✓ signed` or "
            + "`✗ not signed`, or the sign alone, stands behind the event, and what the sender had signed gets a signature of now",
        [
            .on("a", contexts: .exchange, .signAnew)
        ],
        hints: [.init(key: "a", label: "sign anew", contexts: .exchange, order: 140, needs: .webhookSecret)]
    )

    static let comparing = KeyGroup(
        "d",
        "compare a replay with its original, or any two requests (d on each): status, headers, body by line or, if it is JSON, by member; "
            + "n N go to the next and the previous difference, z or enter opens equal lines, Z all",
        [
            .on("d", contexts: .exchange, .compare)
        ],
        hints: [.init(key: "d", label: "compare", contexts: .details, order: 75, needs: .request)]
    )
}
