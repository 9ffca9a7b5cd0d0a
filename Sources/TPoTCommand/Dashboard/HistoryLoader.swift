import Dispatch
import NIOConcurrencyHelpers
import TPoTCapture
import TPoTDashboard
import TPoTHistory
import TPoTInspect

/// Loads requests of earlier runs from the history into the dashboard's store, some at a time.
final class HistoryLoader: EarlierRequests {
    /// The most requests that are loaded at once.
    private static let requestsAtOnce = 100

    private struct State {
        var isLoading = false
        var isStopped = false
        /// What the last load looked for, and what the next one goes on with.
        var filter = CaptureFilter.all
        var before: UInt64
        var isAtEnd = false
    }

    private let queue = DispatchQueue(label: "tpot.earlier", qos: .utility)
    private let state: NIOLockedValueBox<State>
    /// Only blocks on the queue use it, one after the other.
    private let reader = NIOLockedValueBox<HistoryReader?>(nil)
    private let file: HistoryFile
    private let tunnel: String?
    private let store: CaptureStore
    private let line: UInt64
    private let action = NIOLockedValueBox<(@Sendable (DashboardMessage) -> Void)?>(nil)

    /// - Parameters:
    ///   - tunnel: only requests of this one; nil for all.
    ///   - line: only requests with smaller numbers.
    init(_ file: HistoryFile, tunnel: String?, into store: CaptureStore, below line: UInt64) {
        self.file = file
        self.tunnel = tunnel
        self.store = store
        self.line = line
        state = NIOLockedValueBox(State(before: line))
    }

    /// - Parameter action: gets why no more are loaded, on any thread.
    func onMessage(_ action: @escaping @Sendable (DashboardMessage) -> Void) {
        self.action.withLockedValue { $0 = action }
    }

    private func report(_ message: DashboardMessage) { action.withLockedValue { $0 }?(message) }

    func load(_ filter: CaptureFilter) {
        let before: UInt64? = state.withLockedValue { state in
            guard !state.isLoading, !state.isStopped else { return nil }
            if state.filter != filter { (state.filter, state.before, state.isAtEnd) = (filter, line, false) }
            guard !state.isAtEnd else { return nil }
            state.isLoading = true
            return state.before
        }
        guard let before else { return }
        queue.async { [self] in
            let next = load(filter, before: before)
            state.withLockedValue { state in
                state.isLoading = false
                guard state.filter == filter else { return }
                state.before = next ?? state.before
                state.isAtEnd = next == nil
            }
        }
    }

    func stop() { state.withLockedValue { $0.isStopped = true } }

    /// - Returns: the number of the last request that was looked at; nil if there are no more.
    private func load(_ filter: CaptureFilter, before: UInt64) -> UInt64? {
        do {
            let reader = try self.reader.withLockedValue { reader in
                let opened = try reader ?? HistoryReader(file, meaning: .inspection)
                reader = opened
                return opened
            }
            var numbers: [UInt64] = []
            let query = HistoryQuery(filter, tunnel: tunnel, before: before)
            try reader.search(query, limit: Self.requestsAtOnce) { content in
                numbers.append(content.number)
                return true
            }
            for number in numbers where store.detail(number) == nil {
                guard let content = try reader.exchange(number) else { continue }
                guard !state.withLockedValue({ $0.isStopped }) else { return nil }
                guard store.addEarlier([content]) else {
                    stop()
                    report(DashboardMessage("earlier requests fill their part of the memory; tpot requests lists all"))
                    return nil
                }
            }
            return numbers.count < Self.requestsAtOnce ? nil : numbers.last
        } catch {
            stop()
            let reason = (error as? HistoryError)?.text ?? "\(error)"
            report(DashboardMessage("earlier requests cannot be read: \(file.path): \(reason)", isFailure: true))
            return nil
        }
    }
}
