import NIOConcurrencyHelpers
import NIOCore
import TPoTCapture
import TPoTDashboard
import TPoTInspect
import TPoTSystem
import TPoTTraffic
import TPoTTunnel
import TPoTWire

/// Carries out what the dashboard asks for, with the client, the store, the editor and files.
final class DashboardWiring: DashboardActions {
    /// Nil without a tunnel: then nothing is held.
    private let client: TunnelClient?
    /// Sends a request to the target so many times, as replays of the exchange with this number. Nil without a target.
    private let replay: Replay?
    private let store: CaptureStore
    private let terminal: any DashboardTerminal
    private let target: CurlTarget?
    private let mask: SecretMask
    private let environment: [String: String]
    /// Signs replays anew; nil if no secret is known.
    private let signing: ReplaySigning?
    private let clock: TrafficClock
    /// Nil if nothing is to last.
    private let file: DashboardFile?
    private let written = NIOLockedValueBox<[String]>([])
    private let temporary = TemporaryFiles()
    private let exports = NIOLockedValueBox(Exports())

    private struct Exports {
        /// Names of the files that are being written.
        var unfinished: [String] = []
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    typealias Replay = @Sendable (ByteBuffer, _ exchange: UInt64, _ times: Int) -> Void

    /// What is missing in a dashboard without a target.
    private static let noTarget = "there is no target: start with --target"

    init(
        client: TunnelClient?,
        replay: Replay?,
        store: CaptureStore,
        terminal: any DashboardTerminal,
        target: CurlTarget?,
        mask: SecretMask,
        environment: [String: String],
        file: DashboardFile? = nil,
        signing: ReplaySigning? = nil,
        clock: TrafficClock = .system
    ) {
        self.client = client
        self.replay = replay
        self.store = store
        self.terminal = terminal
        self.target = target
        self.mask = mask
        self.environment = environment
        self.file = file
        self.signing = signing
        self.clock = clock
    }

    /// The files that were written for the user, in order.
    var writtenFiles: [String] { written.withLockedValue { $0 } }

    /// Waits for the files that are being written, but no longer than `limit`.
    func finishWriting(within limit: Duration) async {
        guard isWriting else { return }
        await withTaskGroup(of: Void.self) { group in
            // The time limit. A cancelled sleep means that the files are written.
            group.addTask { try? await Task.sleep(for: limit) }
            group.addTask { await self.writingEnds() }
            await group.next()
            group.cancelAll()
            self.resumeWaiting()
        }
    }

    var isWriting: Bool { exports.withLockedValue { !$0.unfinished.isEmpty } }

    private func writingEnds() async {
        await withCheckedContinuation { continuation in
            let isOver = exports.withLockedValue { exports in
                if exports.unfinished.isEmpty { return true }
                exports.waiting.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    private func resumeWaiting() {
        let waiting = exports.withLockedValue { exports in
            defer { exports.waiting = [] }
            return exports.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// The files that the user asked for and that are not finished.
    var givenUpFiles: [String] { exports.withLockedValue { $0.unfinished } }

    /// Removes the files that are needed only while the program runs, and the unfinished ones.
    func removeTemporaryFiles() { temporary.end() }

    func hold(_ isHolding: Bool) {
        if isHolding { client?.hold() } else { client?.release() }
    }

    func hold(matching filter: HeadFilter) {
        client?.hold(matching: HoldFilter(filter.text) { filter.matches($0, $1) })
    }

    func letGo(_ id: HeldRequestID) { client?.letGo(id) }

    func refuse(_ id: HeldRequestID, status: Int) { client?.refuse(id, status: status) }

    func remember(_ change: DashboardMemory.Change, report: @escaping @Sendable (DashboardMessage) -> Void) {
        file?.remember(change, report: report)
    }

    func closeConversation(_ number: ConversationNumber) { client?.close(number) }

    func replay(_ number: UInt64, count: Int, isSigned: Bool) async -> DashboardMessage? {
        guard let replay else { return DashboardMessage(Self.noTarget, isFailure: true) }
        do {
            let exchange = try captured(number)
            let request = try ReplayRequest.bytes(of: exchange)
            let signed = signed(request, of: exchange, isSigned)
            replay(ByteBuffer(bytes: signed.bytes), number, count)
            return signed.message
        } catch {
            return DashboardMessage("\(number) is not replayed: \(reason(error))", isFailure: true)
        }
    }

    func edit(_ number: UInt64, isSigned: Bool) async -> DashboardMessage? {
        guard let replay else { return DashboardMessage(Self.noTarget, isFailure: true) }
        return await edit(number, isSigned: isSigned, failure: "\(number) is not sent") { request in
            replay(ByteBuffer(bytes: request.bytes), number, 1)
            return request.message
        }
    }

    /// A request that is sent instead of `exchange`, with a new signature if it is to have one.
    private func signed(_ request: [UInt8], of exchange: CapturedExchange, _ isSigned: Bool) -> SignedReplay {
        let (url, now) = (store.tunnel.url, clock.read().unixNanoseconds)
        return SignedReplay(request, of: exchange, isSigned ? signing : nil, publicURL: url, at: now)
    }

    func editHeld(_ number: UInt64, isSigned: Bool) async -> DashboardMessage? {
        let failure = "\(number) is still held"
        guard let client, let content = store.detail(number), let hold = content.exchange.hold else {
            return DashboardMessage("\(number) is not held any more", isFailure: true)
        }
        guard !content.asksForUpgrade else {
            return DashboardMessage("\(failure): \(HeldEditRefusal.isUpgrade.text)", isFailure: true)
        }
        return await edit(number, isSigned: isSigned, failure: failure) { request in
            let refusal = try await client.letGo(hold.id, as: ByteBuffer(bytes: request.bytes)).get()
            guard let refusal else {
                return DashboardMessage("\(number) went on as edited" + (request.isSigned ? ", signed anew" : ""))
            }
            let outcome = refusal == .notHeld ? "\(number) was not sent as edited" : failure
            return DashboardMessage("\(outcome): \(refusal.text)", isFailure: true)
        }
    }

    /// Opens the request in the editor.
    /// - Parameters:
    ///   - failure: what a failure leads to.
    ///   - use: gets the edited request.
    private func edit(
        _ number: UInt64,
        isSigned: Bool,
        failure: String,
        _ use: (SignedReplay) async throws -> DashboardMessage?
    ) async -> DashboardMessage? {
        do {
            let exchange = try captured(number)
            let editable = try EditableRequest(exchange)
            let file = try temporary.add { () throws(FileError) in
                try PrivateFile.createInFolder("tpot-\(number)", ".http", editable.text)
            }
            defer { temporary.remove(file) }
            let status = try await terminal.edit(Self.command(of: editor, for: file.path))
            // The status of a shell that cannot run a program (126) or cannot find it (127).
            guard status != 126, status != 127 else {
                return DashboardMessage("could not start \(editor): set EDITOR to another one", isFailure: true)
            }
            guard status == 0 else {
                return DashboardMessage("the editor ended with status \(status): nothing was sent", isFailure: true)
            }
            let edited = try file.read()
            guard edited != editable.text else { return DashboardMessage("nothing was changed, so nothing was sent") }
            let request = try editable.request(from: edited)
            return try await use(signed(request, of: exchange, isSigned))
        } catch {
            return DashboardMessage("\(failure): \(reason(error))", isFailure: true)
        }
    }

    func curlCommand(_ number: UInt64) async -> CurlText {
        guard let target else { return .none(reason: Self.noTarget) }
        do {
            let exchange = try captured(number)
            let command = try CurlCommand(exchange, target: target, mask: mask)
            let controls = ControlCharacters.remark(command.controlCharacters).map { "\($0), escaped" }
            let secrets = exchange.requestHead.flatMap { mask.remark(head: $0) }
            func remark(_ first: String? = nil) -> String? {
                let parts = [first, controls, secrets].compactMap { $0 }
                return parts.isEmpty ? nil : parts.joined(separator: "; ")
            }
            guard let body = command.bodyFile else {
                return .command(String(decoding: command.text(), as: UTF8.self), remark: remark())
            }
            let file = try temporary.add { () throws(FileError) in
                try PrivateFile.create("tpot-\(number)", ".body", body)
            }
            return .command(
                String(decoding: command.text(bodyFile: file.path), as: UTF8.self),
                remark: remark("its body is in \(file.path) until tpot ends")
            )
        } catch {
            return .none(reason: "no curl command for \(number): \(reason(error))")
        }
    }

    func writeHAR(_ filter: CaptureFilter) async -> DashboardMessage? {
        // The local time as part of a file name: `2026-11-23-120133`.
        let stamp = LocalTime.seconds(unixNanoseconds: TrafficClock.system.read().unixNanoseconds)
            .replacing(" ", with: "-").replacing(":", with: "")
        let name = "tpot-\(stamp)"
        do {
            let part = try temporary.add(PrivateFile.createUnfinished)
            exports.withLockedValue { $0.unfinished.append(name + ".har") }
            defer {
                // It exists only if something failed.
                temporary.remove(part)
                let isLast = exports.withLockedValue { exports in
                    exports.unfinished.removeAll { $0 == name + ".har" }
                    return exports.unfinished.isEmpty
                }
                if isLast { resumeWaiting() }
            }
            let options = HARExport.Options(
                publicURL: store.tunnel.url,
                mask: mask,
                version: Tpot.version
            )
            let count = try HARExport.write(store.numbers(matching: filter), of: store, options: options) {
                (bytes) throws(FileError) in try part.append(bytes)
            }
            let file = try part.finish(as: name, ".har")
            written.withLockedValue { $0.append(file.path) }
            let secrets = mask == .off ? "included" : "masked (--export-secrets leaves them in)"
            return DashboardMessage("\(Formats.count(count, "request")) written to \(file.path), secrets \(secrets)")
        } catch {
            let advice = "free some space there, or start tpot in another folder"
            return DashboardMessage("\(name).har is not written: \(reason(error)); \(advice)", isFailure: true)
        }
    }

    func saveBody(_ number: UInt64, ofResponse isResponse: Bool) async -> DashboardMessage? {
        let name = "\(isResponse ? "response" : "request") body of \(number)"
        do {
            guard let body = SavedBody(try captured(number), ofResponse: isResponse) else {
                return DashboardMessage("there is no \(name)", isFailure: true)
            }
            let part = try temporary.add(PrivateFile.createUnfinished)
            // It exists only if something failed.
            defer { temporary.remove(part) }
            try part.append(body.bytes)
            let file = try part.finish(as: body.name, body.ending)
            written.withLockedValue { $0.append(file.path) }
            let remark = body.remark.map { ", \($0)" } ?? ""
            return DashboardMessage("\(name) saved to \(file.path), \(Formats.exactBytes(body.bytes.count))\(remark)")
        } catch {
            return DashboardMessage("the \(name) is not saved: \(reason(error))", isFailure: true)
        }
    }

    func openURL(_ url: String) async -> DashboardMessage? {
        Browser.open(url)
            ? DashboardMessage("opened \(url)")
            : DashboardMessage("cannot open a browser: xdg-open is not installed", isFailure: true)
    }

    /// `$VISUAL` or `$EDITOR`: a command for the shell.
    private var editor: String {
        ["VISUAL", "EDITOR"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? "vi"
    }

    /// The command that starts an editor, as git does it:
    /// the shell interprets the editor's command, but not the file name.
    private static func command(of editor: String, for path: String) -> [String] {
        // `exec` replaces the shell with the editor,
        // so that a signal reaches the editor and not a shell in front of it.
        // `exec` works only for a single command that does not begin with a variable assignment.
        let isSingle =
            !editor.contains { ";|&(\n".contains($0) } && !editor.prefix { $0 != " " && $0 != "\t" }.contains("=")
        return ["sh", "-c", "\(isSingle ? "exec " : "")\(editor) \"$@\"", editor, path]
    }

    private func captured(_ number: UInt64) throws(ReplayRefusal) -> CapturedExchange {
        guard let exchange = store.detail(number) else { throw .notKept }
        return exchange
    }

    private func reason(_ error: any Error) -> String {
        switch error {
        case let error as ReplayRefusal: error.text
        case let error as FileError: error.reason
        default: "\(error)"
        }
    }
}

extension CapturedExchange {
    /// What follows the request may be another protocol.
    fileprivate var asksForUpgrade: Bool {
        guard let requestHead else { return false }
        var reader = HTTPConversationReader()
        reader.visitorSent(ByteBuffer(bytes: requestHead))
        if case .head(let head)? = reader.nextFromVisitor() { return head.asksForUpgrade }
        return false
    }
}
