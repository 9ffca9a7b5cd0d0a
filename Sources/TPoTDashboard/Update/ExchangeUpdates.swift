import TPoTCapture

/// Actions on the selected exchange or conversation, and on the tunnel.
enum ExchangeUpdates {
    static func act(
        _ action: KeyAction,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) -> [DashboardCommand] {
        func report(_ text: String, isFailure: Bool = false) -> [DashboardCommand] {
            state.show(DashboardMessage(text, isFailure: isFailure), at: model.now.monotonic)
            return []
        }
        switch action {
        case .writeHAR: return [.writeHAR(state.filter)]
        case .clearUnmarked:
            let count = model.source.clearable()
            guard count > 0 else { return report("nothing to clear: marked requests and unfinished ones stay") }
            state.prompt = .confirm(.clear(count))
            return []
        case .closeConversation: return close(&state, model)
        case .openURL, .showQRCode:
            guard let url = model.source.tunnel.url else {
                return report("there is no public URL yet", isFailure: true)
            }
            if action == .openURL { return [.openURL(url)] }
            state.overlay = .qrCode
            return []
        case .signAnew: return SigningUpdate.toggle(&state, model)
        case .copy:
            state.prompt = .copy(state.selected)
            return []
        default: break
        }
        guard let number = state.selected else { return report("no request is selected") }
        guard let content = model.source.detail(number) else {
            return report("\(number) is not kept any more", isFailure: true)
        }
        switch action {
        case .saveBody: return SaveUpdate.save(content, &state, model)
        case .mark: return [.mark(number, !content.row.isMarked)]
        case .compare: return compare(content, &state, model)
        case .letGo, .refuse: return HoldUpdate.decide(action, content.exchange, &state, model)
        case .edit where content.exchange.hold?.isMatch == true: return HoldUpdate.edit(content, &state, model)
        case .replay, .replayMany, .edit:
            if let refusal = content.replayRefusal {
                return report("\(number) is not replayed: \(refusal.text)", isFailure: true)
            }
            if action == .replay { return replay(number, count: 1, &state, model) }
            if action == .edit {
                return [.edit(number, signed: awaitReplay(number, count: 1, &state, model))]
            }
            state.prompt = .replayCount(number, TextField())
            return []
        default: return []
        }
    }

    static func replay(
        _ number: UInt64,
        count: Int,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) -> [DashboardCommand] {
        [.replay(number, count: count, signed: awaitReplay(number, count: count, &state, model))]
    }

    /// - Returns: whether it is to be signed anew.
    private static func awaitReplay(
        _ number: UInt64,
        count: Int,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) -> Bool {
        let signing = SigningUpdate.decide(model.source.detail(number), state, model)
        state.awaitedReplay = AwaitedReplay(
            original: number,
            count: count,
            seen: model.newest(state.query),
            remark: signing.remark
        )
        return signing.isSigned
    }

    private static func compare(
        _ content: CapturedExchange,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) -> [DashboardCommand] {
        func report(_ text: String, isFailure: Bool = false) {
            state.show(DashboardMessage(text, isFailure: isFailure), at: model.now.monotonic)
        }
        let number = content.number
        if let chosen = state.chosen, chosen != number {
            state.chosen = nil
            guard model.source.detail(chosen) != nil else {
                report("\(chosen), which was chosen, is not kept any more", isFailure: true)
                return []
            }
            state.comparison = ComparisonState(number: max(chosen, number), original: min(chosen, number))
        } else if state.chosen != nil {
            state.chosen = nil
            report("\(number) is not chosen any more")
        } else if let original = original(of: content, model) {
            guard model.source.detail(original) != nil else {
                report("\(original), the original, is not kept any more", isFailure: true)
                return []
            }
            state.comparison = ComparisonState(number: number, original: original)
        } else if let replay = model.source.replays(of: number).last {
            state.comparison = ComparisonState(number: replay, original: number)
        } else {
            state.chosen = number
            report("\(number) is chosen: d on another one compares the two")
        }
        return []
    }

    /// The request that a replay repeats. For the replay of a replay, the earliest kept request of that chain.
    private static func original(of content: CapturedExchange, _ model: DashboardModel) -> UInt64? {
        var original = content.exchange.replayOf
        while let number = original, let before = model.source.detail(number)?.exchange.replayOf {
            // A replay has a higher number than what it repeats, so the loop ends.
            guard before < number, model.source.detail(before) != nil else { break }
            original = before
        }
        return original
    }

    private static func close(_ state: inout DashboardState, _ model: DashboardModel) -> [DashboardCommand] {
        guard let number = state.conversations.number ?? state.conversations.shown else { return [] }
        let place = model.place(ofConversation: number, nil)
        guard let row = model.source.conversations(from: place, count: 1).rows.first, row.number == number, row.isOpen
        else {
            state.show(DashboardMessage("this conversation is closed already"), at: model.now.monotonic)
            return []
        }
        return [.closeConversation(number)]
    }
}

extension DashboardState {
    /// The exchange that keys act on: the open one, or the one that the last picture showed as selected.
    package var selected: UInt64? {
        // The open exchange stays selected, even if the filter hides its row or the store drops it.
        if detail != nil { return requests.number ?? requests.shown }
        return list.hasRequests ? requests.shown : nil
    }
}
