import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// Collects one whole answer.
final class AnswerReader: ChannelInboundHandler, Sendable {
    typealias InboundIn = HTTPClientResponsePart
    typealias Answer = ControlClient.Answer

    private struct State {
        var answer = Answer(status: 0, body: [])
        var result: Result<Answer, any Error>?
        var waiting: CheckedContinuation<Answer, any Error>?
    }

    private let limit: Int
    private let state = NIOLockedValueBox(State())

    init(limit: Int) {
        self.limit = limit
    }

    func answer() async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLockedValue { state in
                if state.result == nil { state.waiting = continuation }
                return state.result
            }
            if let result { continuation.resume(with: result) }
        }
    }

    func fail(_ failure: ControlClient.Failure) { end(.failure(failure)) }

    private func end(_ result: Result<Answer, any Error>) {
        let waiting = state.withLockedValue { state in
            guard state.result == nil else { return nil as CheckedContinuation<Answer, any Error>? }
            state.result = result
            return state.waiting
        }
        waiting?.resume(with: result)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): state.withLockedValue { $0.answer.status = Int(head.status.code) }
        case .body(let bytes):
            let count = state.withLockedValue { state in
                state.answer.body += bytes.readableBytesView
                return state.answer.body.count
            }
            guard count <= limit else {
                fail(.tooLong)
                return context.close(promise: nil)
            }
        case .end: end(.success(state.withLockedValue { $0.answer }))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.broken)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { fail(.broken) }
}
