import Dispatch
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TPoTCapture
import TPoTHistory
import TPoTInspect
import TPoTNetwork
import TPoTTraffic
import TPoTTunnel
import TPoTWire

/// Replays to one target, which become a run of their own in the history.
final class ReplayRun: Sendable {
    /// How long the last replays may take to be written.
    private static let patience = DispatchTimeInterval.seconds(10)

    let target: TargetAddress
    private let replayer: TargetReplayer
    private let store: CaptureStore
    private let feed: CaptureFeed
    private let writer: HistoryWriter
    private let state = NIOLockedValueBox(State())

    private struct State {
        var isReached = false
        /// The newest replay that was seen.
        var newest: UInt64 = 0
    }

    /// The target took a connection at least once.
    var isReached: Bool { state.withLockedValue { $0.isReached } }

    /// - Parameters:
    ///   - expected: how many replays there will be at most.
    ///   - bodyBytes: the most bytes of each body that are kept.
    ///   - meaning: of what is sent.
    ///   - warn: called on another thread.
    init(
        _ file: HistoryFile,
        _ target: TargetAddress,
        name: String?,
        trust: CertificateTrust,
        expected: Int,
        bodyBytes: Int,
        meaning: CaptureMeaning,
        warn: @escaping @Sendable (String) -> Void
    ) throws(CommandError) {
        self.target = target
        writer = try HistoryCommandRunner.naming(file) { () throws(HistoryError) in
            let run = HistoryRun(name: name, target: "\(target)")
            return try HistoryWriter(file, run, limits: .unlimited, expected: expected) { notice in
                warn(HistoryText.text(notice, file))
            }
        }
        let bus = TrafficBus(bodyLimit: bodyBytes, limits: .init(bytes: 16 * 1024 * 1024 + 2 * bodyBytes))
        store = CaptureStore(
            limits: CaptureLimits(bodyBytes: bodyBytes, memoryBytes: 32 * 1024 * 1024 + 4 * bodyBytes),
            meaning: meaning,
            numbers: writer.numbers
        )
        writer.follow(store)
        feed = CaptureFeed(bus: bus, store: store) { _ in }
        do throws(TrustFailure) {
            replayer = try TargetReplayer(
                target: target,
                trust: trust,
                wording: TargetWording(target: target),
                bus: bus,
                logger: ProgramLog.make(.warning, .text),
                eventLoop: MultiThreadedEventLoopGroup.singleton.next()
            )
        } catch {
            throw CommandError(.badConfig, FailureText.text(error))
        }
    }

    /// Sends a request, and waits until its answer has come.
    /// - Returns: nil if the replay was lost from view.
    func replay(_ request: [UInt8], of number: UInt64, batch: UInt64?) async throws -> CapturedExchange? {
        try await replayer.replay(ByteBuffer(bytes: request), of: number, batch: batch).get()
        feed.flush()
        let newest = state.withLockedValue { $0.newest }
        let numbers = store.numbers(matching: .all).drop { $0 <= newest }
        // What a target sends after its answer is an exchange of its own.
        guard let first = numbers.first, let exchange = store.detail(first) else { return nil }
        state.withLockedValue { state in
            state.newest = numbers.last ?? first
            switch exchange.exchange.state {
            case .aborted(.targetNotConnected), .aborted(.targetNotSecured): break
            default: state.isReached = true
            }
        }
        return exchange
    }

    /// Ends what is under way.
    func stop() { replayer.stop() }

    /// Compares a replay with its original, and notes the result.
    func compare(
        _ original: CapturedExchange,
        _ replay: CapturedExchange,
        without exceptions: ComparisonExceptions = ComparisonExceptions()
    ) -> ReplayResult {
        let comparison = MessageComparison(original, replay, without: exceptions)
        var result = ReplayResult(original, replay, comparison)
        result.replay.row.replay?.edit = CaptureMeaning.inspection.edit(original, replay)
        result.replay.row.replay?.verdict = result.verdict
        note(result)
        return result
    }

    private func note(_ result: ReplayResult) {
        guard let facts = result.replay.row.replay else { return }
        store.note(facts, of: result.replay.number)
        guard let verdict = result.verdict, result.original.exchange.replayOf == nil else { return }
        writer.note(isFixed: verdict == .fixed, result.original.number)
    }

    /// Writes what waits.
    /// - Returns: a warning if that took too long.
    func finish() -> String? {
        writer.finish(within: Self.patience)
            ? nil : HistoryText.late
    }
}

/// Words failures of a target where there is no tunnel.
struct TargetWording: FailureWording {
    let target: TargetAddress

    private var text: FailureText {
        FailureText(server: ServerAddress(scheme: .http, host: "localhost", port: 80), target: target)
    }

    func text(_ failure: ConnectFailure) -> String { text.text(failure) }
    func text(ofTarget cause: NetworkCause) -> String { text.text(ofTarget: cause) }
}
