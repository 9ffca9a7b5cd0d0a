import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// The events of a process, one after the other. They are read only as fast as they are taken.
package struct ControlEvents: AsyncSequence, Sendable {
    package struct Element: Hashable, Sendable {
        /// `message` for an exchange, `lost` where some are missing.
        package var type = "message"
        /// Of the exchange.
        package var number: UInt64?
        package var data: [UInt8] = []

        package init() {}
    }

    private let reader: EventReader
    private let channel: any Channel

    init(_ reader: EventReader, _ channel: any Channel) {
        self.reader = reader
        self.channel = channel
    }

    package func makeAsyncIterator() -> Iterator { Iterator(reader: reader) }

    /// Ends the stream: the iteration ends, too.
    package func close() {
        reader.finish()
        channel.close(promise: nil)
    }

    package struct Iterator: AsyncIteratorProtocol {
        let reader: EventReader

        /// Nil when the process has ended, or the stream was closed.
        package func next() async -> Element? { await reader.next() }
    }
}

/// Reads server-sent events from a channel, and stops reading while many wait.
final class EventReader: ChannelDuplexHandler, Sendable {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart

    private static let waitingLimit = 256
    private static let lineLimit = 16 * 1024 * 1024

    fileprivate struct State {
        var hasBegun = false
        var failure: ControlClient.Failure?
        var beginning: CheckedContinuation<Void, any Error>?
        var events: [ControlEvents.Element] = []
        var taker: CheckedContinuation<ControlEvents.Element?, Never>?
        var isOver = false
        /// Continues reading.
        var proceed: (@Sendable () -> Void)?

        var line: [UInt8] = []
        var event = ControlEvents.Element()
    }

    private let state = NIOLockedValueBox(State())

    /// Returns when the stream has begun.
    func begun() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let result: Result<Void, any Error>? = state.withLockedValue { state in
                if let failure = state.failure { return .failure(failure) }
                if state.hasBegun { return .success(()) }
                state.beginning = continuation
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }

    func next() async -> ControlEvents.Element? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (event, isKnown, proceed) = state.withLockedValue { state in
                    guard state.events.isEmpty else {
                        let event = state.events.removeFirst()
                        defer { if state.events.isEmpty { state.proceed = nil } }
                        return (event as ControlEvents.Element?, true, state.events.isEmpty ? state.proceed : nil)
                    }
                    if state.isOver || state.taker != nil { return (nil, true, nil) }
                    state.taker = continuation
                    return (nil, false, state.proceed)
                }
                if isKnown { continuation.resume(returning: event) }
                proceed?()
            }
        } onCancel: {
            finish()
        }
    }

    func fail(_ failure: ControlClient.Failure) {
        let beginning = state.withLockedValue { state in
            guard !state.hasBegun, state.failure == nil else { return nil as CheckedContinuation<Void, any Error>? }
            state.failure = failure
            defer { state.beginning = nil }
            return state.beginning
        }
        beginning?.resume(throwing: failure)
        finish()
    }

    func finish() {
        let taker = state.withLockedValue { state in
            state.isOver = true
            defer { state.taker = nil }
            return state.taker
        }
        taker?.resume(returning: nil)
    }

    // MARK: The channel

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard head.status == .ok else {
                fail(.broken)
                return context.close(promise: nil)
            }
            let beginning = state.withLockedValue { state in
                state.hasBegun = true
                defer { state.beginning = nil }
                return state.beginning
            }
            beginning?.resume()
        case .body(let bytes):
            let ready = state.withLockedValue { state in
                for byte in bytes.readableBytesView { state.add(byte) }
                guard let taker = state.taker, !state.events.isEmpty else {
                    return nil as (CheckedContinuation<ControlEvents.Element?, Never>, ControlEvents.Element)?
                }
                state.taker = nil
                return (taker, state.events.removeFirst())
            }
            ready?.0.resume(returning: ready?.1)
            if state.withLockedValue({ $0.line.count > Self.lineLimit }) { context.close(promise: nil) }
        case .end: finish()
        }
    }

    func read(context: ChannelHandlerContext) {
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        let eventLoop = context.value.eventLoop
        let isFull = state.withLockedValue { state in
            guard state.events.count >= Self.waitingLimit else { return false }
            state.proceed = { eventLoop.execute { context.value.read() } }
            return true
        }
        if !isFull { context.value.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.broken)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.broken)
        finish()
    }
}

extension EventReader.State {
    /// Takes a byte of the stream: lines `name: value`, and an empty line after each event.
    fileprivate mutating func add(_ byte: UInt8) {
        guard byte == UInt8(ascii: "\n") else {
            line.append(byte)
            return
        }
        defer { line.removeAll(keepingCapacity: true) }
        if line.isEmpty {
            if !event.data.isEmpty { events.append(event) }
            event = ControlEvents.Element()
        } else if line.starts(with: "data: ".utf8) {
            event.data += line.dropFirst(6)
        } else if line.starts(with: "id: ".utf8) {
            event.number = UInt64(String(decoding: line.dropFirst(4), as: UTF8.self))
        } else if line.starts(with: "event: ".utf8) {
            event.type = String(decoding: line.dropFirst(7), as: UTF8.self)
        }
    }
}
