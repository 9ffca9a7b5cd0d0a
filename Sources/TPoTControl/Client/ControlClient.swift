import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import TPoTSystem
import TPoTWire

/// Talks to a running process through its socket.
///
///     for tunnel in await ControlClient.running(in: folders) { … }
///     let answer = try await tunnel.client.request(.POST, "/v1/hold")
///     for try await event in try await tunnel.client.events("/v1/events?filter=…") { … }
package struct ControlClient: Hashable, Sendable {
    /// The most bytes of an answer.
    private static let answerLimit = 256 * 1024 * 1024

    /// Of the socket.
    package let path: String

    package init(socket path: String) {
        self.path = path
    }

    package struct Answer: Sendable {
        package var status: Int
        package var body: [UInt8]

        /// The sentence of an error.
        package var error: String? {
            guard status >= 400 else { return nil }
            let text = String(decoding: body, as: UTF8.self)
            return (try? JSONParser.object(text).object.text("error")) ?? "status \(status)"
        }
    }

    /// Why a process could not be asked.
    package enum Failure: Error, Hashable, Sendable {
        /// There is no process, or it is ending.
        case notConnected
        /// It does not answer.
        case silent
        /// It closed before the answer was whole, or the answer is not one.
        case broken
        case tooLong
    }

    /// A process that runs a tunnel.
    package struct Running: Sendable {
        package var process: Int32
        package var client: ControlClient
        /// Nil if the process does not answer.
        package var status: ControlStatus?
    }

    /// All processes of this user that run a tunnel. The sockets of those that are gone are removed.
    /// - Parameter patience: how long a process may take to answer.
    package static func running(in folders: ControlFolders, patience: TimeAmount = .seconds(2)) async -> [Running] {
        await withTaskGroup(of: Running?.self) { group in
            for (process, path) in folders.sockets {
                group.addTask { await ask(process, ControlClient(socket: path), patience) }
            }
            var running: [Running] = []
            for await found in group { if let found { running.append(found) } }
            return running.sorted { $0.process < $1.process }
        }
    }

    private static func ask(_ process: Int32, _ client: ControlClient, _ patience: TimeAmount) async -> Running? {
        do throws(Failure) {
            let answer = try await client.request(.GET, "/v1/status", patience: patience)
            return Running(process: process, client: client, status: ControlStatus(json: answer.body))
        } catch {
            guard error == .notConnected else { return Running(process: process, client: client) }
            // A process that lives may have made its socket and not listen yet, or may be in another container.
            if ControlFolders.isDead(process) { unlink(client.path) }
            return nil
        }
    }

    /// - Parameters:
    ///   - path: with its query.
    ///   - body: an object of JSON, or nothing.
    ///   - patience: how long the whole may take.
    package func request(
        _ method: ControlMethod,
        _ path: String,
        body: [UInt8] = [],
        patience: TimeAmount = .seconds(90)
    ) async throws(Failure) -> Answer {
        let reader = AnswerReader(limit: Self.answerLimit)
        let channel = try await connect(reader, patience)
        let timer = channel.eventLoop.scheduleTask(in: patience) {
            reader.fail(.silent)
            channel.close(promise: nil)
        }
        defer {
            timer.cancel()
            channel.close(promise: nil)
        }
        Self.send(method, path, body, to: channel)
        do {
            return try await reader.answer()
        } catch {
            throw error as? Failure ?? .broken
        }
    }

    /// Begins a stream of events.
    /// - Returns: the stream once it has begun: nothing that happens from then on is missing. Or why there is none.
    package func events(_ path: String, patience: TimeAmount = .seconds(10)) async throws(Failure) -> ControlEvents {
        let reader = EventReader()
        let channel = try await connect(reader, patience)
        let timer = channel.eventLoop.scheduleTask(in: patience) {
            reader.fail(.silent)
            channel.close(promise: nil)
        }
        defer { timer.cancel() }
        Self.send(.GET, path, [], to: channel)
        let events = ControlEvents(reader, channel)
        do {
            try await reader.begun()
            return events
        } catch {
            throw error as? Failure ?? .broken
        }
    }

    private func connect(_ handler: any ChannelInboundHandler & Sendable, _ patience: TimeAmount) async throws(Failure)
        -> any Channel
    {
        do {
            return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(patience)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                }
                .connect(unixDomainSocketPath: path).get()
        } catch let error as IOError where [ECONNREFUSED, ENOENT].contains(error.errnoCode) {
            throw .notConnected
        } catch {
            throw .silent
        }
    }

    private static func send(_ method: ControlMethod, _ path: String, _ body: [UInt8], to channel: any Channel) {
        var fields: HTTPHeaders = ["Host": "localhost"]
        if method != .GET {
            fields.add(name: "Content-Type", value: "application/json")
            fields.add(name: "Content-Length", value: String(body.count))
        }
        let head = ControlRequestHead(version: .http1_1, method: method, uri: path, headers: fields)
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if !body.isEmpty {
            channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
        }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }

    /// A parameter of a query.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
