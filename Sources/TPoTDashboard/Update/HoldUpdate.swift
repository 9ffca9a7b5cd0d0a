import TPoTCapture
import TPoTInspect

/// A hold by filter: what to hold, and what becomes of a held request.
enum HoldUpdate {
    static let statuses = 200...599
    static let usualStatus = 503

    /// Asks which requests to hold. If a hold is on, of whatever kind, ends it instead.
    static func askOrRelease(_ state: inout DashboardState, _ model: DashboardModel) -> [DashboardCommand] {
        guard state.askedHold ?? model.source.tunnel.isHolding else {
            state.prompt = .hold(TextField())
            return []
        }
        state.askedHold = false
        return [.hold(false)]
    }

    /// Takes the filter that the user typed.
    static func hold(_ text: String, _ state: inout DashboardState, _ model: DashboardModel) -> [DashboardCommand] {
        do throws(HeadFilter.Mistake) {
            let filter = try HeadFilter(text)
            state.prompt = nil
            state.askedHold = true
            return [.holdMatching(filter)]
        } catch {
            return report(error.text, &state, model)
        }
    }

    /// Lets a held request go, or asks with which status to refuse it.
    static func decide(
        _ action: KeyAction,
        _ exchange: Exchange,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) -> [DashboardCommand] {
        guard let hold = exchange.hold else {
            let hint = exchange.state == .waitsForHold ? " by a filter: p releases all" : ""
            return report("\(exchange.number) is not held\(hint)", &state, model)
        }
        guard hold.isMatch else {
            return report("\(exchange.number) waits behind a held request of its connection", &state, model)
        }
        if action == .letGo { return [.letGo(hold.id)] }
        state.prompt = .refusal(exchange.number, TextField("\(usualStatus)"))
        return []
    }

    /// Takes the status that the user typed.
    static func refuse(
        _ number: UInt64,
        _ text: String,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) -> [DashboardCommand] {
        guard let status = Int(text.filter { $0 != " " }), statuses ~= status else {
            return report("a status from 200 to 599, please", &state, model)
        }
        guard let exchange = model.source.detail(number)?.exchange, let hold = exchange.hold else {
            state.prompt = nil
            return report("\(number) is not held any more", &state, model)
        }
        guard status >= 300 || !exchange.method.elementsEqual("CONNECT".utf8) else {
            return report("\(status) would open the tunnel that CONNECT asks for", &state, model)
        }
        state.prompt = nil
        return [.refuse(hold.id, status: status)]
    }

    static func edit(
        _ content: CapturedExchange,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) -> [DashboardCommand] {
        guard let refusal = content.replayRefusal else {
            let isSigned = SigningUpdate.decide(content, state, model).isSigned
            return [.editHeld(content.number, signed: isSigned)]
        }
        return report("\(content.number) cannot be edited: \(refusal.text)", &state, model)
    }

    private static func report(
        _ text: String,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) -> [DashboardCommand] {
        state.show(DashboardMessage(text, isFailure: true), at: model.now.monotonic)
        return []
    }
}
