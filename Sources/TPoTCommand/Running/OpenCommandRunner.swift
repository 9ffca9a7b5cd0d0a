import Dispatch
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TPoTCapture
import TPoTDashboard
import TPoTHistory
import TPoTInspect
import TPoTNetwork
import TPoTSystem
import TPoTTraffic
import TPoTTunnel
import TPoTWire

/// What `tpot open` is asked for.
struct OpenOrder {
    /// A HAR file; nil for the history.
    var file: String?
    /// Where replays go.
    var target: TargetAddress?
    var trust = CertificateTrust.system
    /// Only requests of this tunnel, in the history.
    var tunnel: String?
    var webhookSecrets = WebhookSecrets()
    var mask = SecretMask()
}

/// Carries out `tpot open`.
enum OpenCommandRunner {
    /// For all of a HAR file, and as much again for replays.
    private static let harMemory = 2 * (HARLimits().allBodyBytes + HARLimits().fileBytes)
    private static let patience = DispatchTimeInterval.seconds(2)

    static func run(_ order: OpenOrder, in context: ProcessContext) async throws {
        if let path = order.file { return try await open(har: path, order, in: context) }
        let file = try HistoryCommandRunner.file(in: context)
        guard file.exists else { throw HistoryCommandRunner.none(file) }
        let notices = NIOLockedValueBox<[String]>([])
        let writer = try HistoryCommandRunner.naming(file) { () throws(HistoryError) in
            let run = HistoryRun(target: order.target.map { "\($0)" } ?? "")
            return try HistoryWriter(file, run, limits: .unlimited) { notice in
                notices.withLockedValue { $0.append(HistoryText.text(notice, file)) }
            }
        }
        let store = CaptureStore(
            meaning: .inspection(order.webhookSecrets),
            numbers: writer.numbers,
            earlierLine: writer.earlierLine
        )
        writer.follow(store)
        let loader = writer.earlierLine.map { HistoryLoader(file, tunnel: order.tunnel, into: store, below: $0) }
        try await show(store, loader, name: order.tunnel ?? "history", remarks: [], order, in: context)
        if !writer.finish(within: patience) {
            notices.withLockedValue { $0.append(HistoryText.late) }
        }
        for notice in notices.withLockedValue({ $0 }) { ErrorLines.standard.print("tpot: warning: \(notice)") }
    }

    private static func open(har path: String, _ order: OpenOrder, in context: ProcessContext) async throws {
        let contents = try read(har: path)
        let last = contents.exchanges.last?.number ?? 0
        let next = NIOLockedValueBox(last + 1)
        let store = CaptureStore(
            limits: CaptureLimits(memoryBytes: harMemory),
            meaning: .inspection(order.webhookSecrets),
            numbers: .reserved {
                next.withLockedValue { number in
                    number += 1
                    return number
                }
            },
            earlierLine: last + 1
        )
        let isWhole = store.addEarlier(contents.exchanges.reversed())
        var remarks = contents.remarks
        if !isWhole { remarks.append("only the newest requests of \(path) fit into memory") }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        try await show(store, nil, name: name, remarks: remarks, order, in: context)
    }

    private static func read(har path: String) throws(CommandError) -> HARContents {
        let limits = HARLimits()
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try FileSystem.bytes(of: path, limit: limits.fileBytes)
        } catch {
            throw CommandError(.badConfig, "\(path): \(error.reason)")
        }
        do throws(HARError) {
            return try HARReader.read(bytes, limits: limits)
        } catch {
            throw CommandError(.badConfig, error.text(file: path))
        }
    }

    private static func show(
        _ store: CaptureStore,
        _ loader: HistoryLoader?,
        name: String,
        remarks: [String],
        _ order: OpenOrder,
        in context: ProcessContext
    ) async throws {
        let bus = TrafficBus(bodyLimit: store.limits.bodyBytes)
        var opened = OpenedTraffic(store: store, bus: bus, loader: loader)
        opened.remarks = remarks.map { DashboardMessage($0, isFailure: true) }
        guard let session = DashboardSession.open(.notice) else {
            throw CommandError(.usage, "tpot open needs a terminal; tpot requests and tpot show print what is kept")
        }
        var replayer: TargetReplayer?
        if let target = order.target {
            do throws(TrustFailure) {
                let made = try TargetReplayer(
                    target: target,
                    trust: order.trust,
                    wording: TargetWording(target: target),
                    bus: bus,
                    logger: session.logger,
                    eventLoop: MultiThreadedEventLoopGroup.singleton.next()
                )
                opened.replay = { made.replay($0, of: $1, times: $2) }
                replayer = made
            } catch {
                session.terminal.close()
                throw CommandError(.badConfig, FailureText.text(error))
            }
            opened.curlTarget = CurlTarget(target, order.trust)
        }
        let facts = DashboardFacts(
            target: order.target.map { "\($0.isTLS ? "https" : "http")://\($0.hostHeader)" } ?? "",
            opened: name,
            mask: order.mask,
            // It is not known whether the target is the one that the sender meant.
            signing: order.target?.isLocal == true ? ReplaySigning(order.webhookSecrets) : nil
        )
        await session.show(opened, facts, context.environment, DashboardFile(home: context.home))
        replayer?.stop()
    }
}
