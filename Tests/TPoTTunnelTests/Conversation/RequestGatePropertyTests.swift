import NIOCore
import TPoTTraffic
import TestSupport
import Testing

@testable import TPoTTunnel

/// Random requests and decisions, compared with a model that recomputes everything from the list of requests: no byte is
/// lost, nothing overtakes anything, and one conversation has no effect on another.
@Suite struct RequestGatePropertyTests {
    private struct Request {
        let id: HeldRequestID
        let isMatch: Bool
        var verdict: RequestGate.Verdict
        var bytes: [UInt8]
        var isWhole = false
    }

    /// A conversation with a gate, as ``TargetConversation`` uses it.
    private struct Conversation {
        var requests: [Request] = []
        var answered = 0
        var gate: RequestGate?
        var sent: [UInt8] = []
        var released: [HeldRequestID] = []
        var refused: RequestGate.Refusal?

        var isOpen: Bool { refused == nil }
        var answersDue: Int { requests.count - answered }

        mutating func drain() {
            let due = answersDue
            while isOpen, let step = gate?.next(answersDue: due) {
                switch step {
                case .released(let id): released.append(id)
                case .forward(let bytes): sent += bytes.readableBytesView
                case .refuse(let refusal): refused = refusal
                }
            }
            if gate?.isEmpty == true { gate = nil }
        }

        mutating func begin(_ id: HeldRequestID, isMatch: Bool, _ head: [UInt8]) {
            requests.append(Request(id: id, isMatch: isMatch, verdict: isMatch ? .waits : .goes, bytes: head))
            guard isMatch || gate != nil else {
                sent += head
                return
            }
            var gate = self.gate ?? RequestGate()
            gate.begin(id, isHeld: isMatch, at: .uptimeNanoseconds(0))
            gate.add(ByteBuffer(bytes: head))
            self.gate = gate
        }

        mutating func add(_ bytes: [UInt8]) {
            requests[requests.count - 1].bytes += bytes
            if gate != nil { gate?.add(ByteBuffer(bytes: bytes)) } else { sent += bytes }
        }

        mutating func end() {
            requests[requests.count - 1].isWhole = true
            gate?.end()
        }

        /// The bytes that the target has according to the model, and how many requests it has at least in part.
        var expected: (bytes: [UInt8], count: Int) {
            var bytes: [UInt8] = []
            for (index, request) in requests.enumerated() {
                guard request.verdict == .goes else { return (bytes, index) }
                bytes += request.bytes
            }
            return (bytes, requests.count)
        }
    }

    private static func step(
        _ conversation: inout Conversation,
        _ nextID: inout HeldRequestID,
        _ random: inout SeededRandom
    ) {
        let some = conversation.requests.randomElement(using: &random)
        func bytes() -> [UInt8] {
            (0..<Int.random(in: 1...6, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        switch Int.random(in: 0..<10, using: &random) {
        case 0...2:
            guard conversation.requests.last?.isWhole ?? true else { return conversation.end() }
            nextID += 1
            conversation.begin(nextID, isMatch: Int.random(in: 0..<3, using: &random) == 0, bytes())
        case 3, 4:
            guard conversation.requests.last?.isWhole == false else { return }
            conversation.add(bytes())
        case 5:
            guard conversation.requests.last?.isWhole == false else { return }
            conversation.end()
        case 6:
            guard let some, conversation.gate?.letGo(some.id) == true else { return }
            decide(some.id, .goes, &conversation)
        case 7:
            guard Int.random(in: 0..<6, using: &random) == 0 else { return }
            guard let some, conversation.gate?.refuse(some.id, status: 503) == true else { return }
            decide(some.id, .refused(status: 503), &conversation)
        case 8:
            guard let some, conversation.gate?.editRefusal(some.id) == nil, conversation.gate != nil else { return }
            let edited = bytes()
            conversation.gate?.replace(some.id, with: ByteBuffer(bytes: edited))
            if let index = conversation.requests.firstIndex(where: { $0.id == some.id }) {
                conversation.requests[index].bytes = edited
            }
            decide(some.id, .goes, &conversation)
        default:
            let whole = conversation.requests.prefix(conversation.expected.count).count { $0.isWhole }
            if conversation.answered < whole { conversation.answered += 1 }
        }
    }

    private static func decide(_ id: HeldRequestID, _ verdict: RequestGate.Verdict, _ conversation: inout Conversation)
    {
        guard let index = conversation.requests.firstIndex(where: { $0.id == id }) else { return }
        conversation.requests[index].verdict = verdict
    }

    private static func check(_ conversation: Conversation) throws {
        let (bytes, count) = conversation.expected
        try require(conversation.sent == bytes, "sent \(conversation.sent), expected \(bytes)")
        let waiting = conversation.requests.dropFirst(count)
        try require(conversation.gate?.bytes ?? 0 == waiting.reduce(0) { $0 + $1.bytes.count }, "bytes that wait")
        try require(conversation.gate?.requests ?? 0 == waiting.count, "requests that wait")
        try require(conversation.gate?.memory ?? 0 >= conversation.gate?.bytes ?? 0, "memory")
        try require(conversation.released == conversation.released.sorted(), "released in order")
        let first = waiting.first
        let isRefusalDue = first.map { $0.verdict == .refused(status: 503) && conversation.answered == count } ?? false
        try require(
            (conversation.refused != nil) == isRefusalDue,
            "refused \(String(describing: conversation.refused))"
        )
        if let refused = conversation.refused { try require(refused.id == first?.id, "another one is refused") }
    }

    @Test func nothingIsLostOrOvertaken() async {
        let failure = await counterexample(of: "RequestGate", rounds: 400) { random in
            var conversations = [Conversation(), Conversation()]
            var nextID: HeldRequestID = 0
            for _ in 0..<80 {
                let index = Int.random(in: 0...1, using: &random)
                guard conversations[index].isOpen else { continue }
                let other = conversations[1 - index].sent
                Self.step(&conversations[index], &nextID, &random)
                conversations[index].drain()
                try Self.check(conversations[index])
                try require(conversations[1 - index].sent == other, "the other conversation changed")
            }
            // The end of the hold.
            for index in conversations.indices where conversations[index].isOpen {
                conversations[index].gate?.letAllGo()
                for place in conversations[index].requests.indices
                where conversations[index].requests[place].verdict == .waits {
                    conversations[index].requests[place].verdict = .goes
                }
                conversations[index].drain()
                try Self.check(conversations[index])
            }
        }
        #expect(failure == nil)
    }
}
