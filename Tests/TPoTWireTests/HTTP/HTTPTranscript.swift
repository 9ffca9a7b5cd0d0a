import NIOCore
import TestSupport

@testable import TPoTWire

/// Feeds a conversation to a reader and records its events, one line for each. Adjacent bodies are joined.
final class HTTPTranscript {
    enum Side: Sendable { case visitor, target }

    struct Step: Sendable {
        var side: Side
        var bytes: [UInt8]

        static func visitor(_ text: String) -> Self { Self(side: .visitor, bytes: latin1(text)) }
        static func target(_ text: String) -> Self { Self(side: .target, bytes: latin1(text)) }
    }

    private var reader: HTTPConversationReader
    private(set) var visitorLines: [String] = []
    private(set) var targetLines: [String] = []
    private(set) var unreadableStatus: Int?
    private(set) var heads: [HTTPRequestHead] = []
    private(set) var answers: [HTTPResponseHead] = []
    /// All bytes that were pulled from the reader.
    private(set) var visitorBytes: [UInt8] = []
    private(set) var targetBytes: [UInt8] = []

    init(limits: HTTPConversationReader.Limits = .init()) {
        reader = HTTPConversationReader(limits: limits)
    }

    convenience init(_ steps: [Step], cut: Segmentation = .whole, limits: HTTPConversationReader.Limits = .init()) {
        self.init(limits: limits)
        play(steps, cut: cut)
    }

    // These forward properties of the reader, because #expect cannot use a value that is not copyable.
    var answersDue: Int { reader.answersDue }
    var answerBegun: Bool { reader.answerBegun }
    var requestIncomplete: Bool { reader.requestIncomplete }
    var isWaitingForAnswer: Bool { reader.isWaitingForAnswer }
    var isOpaque: Bool { reader.isOpaque }
    var bytesHeld: Int { reader.bytesHeld }

    func play(_ steps: [Step], cut: Segmentation = .whole) {
        var cutter = cut.cutter()
        for step in steps {
            for piece in cutter.pieces(of: step.bytes) { send(piece, from: step.side) }
        }
    }

    func visitor(_ text: String) { send(latin1(text), from: .visitor) }
    func target(_ text: String) { send(latin1(text), from: .target) }

    func targetEnds() -> HTTPConversationReader.Ending {
        let ending = reader.targetEnded()
        pull()
        return ending
    }

    func send(_ bytes: [UInt8], from side: Side) {
        switch side {
        case .visitor: reader.visitorSent(ByteBuffer(bytes: bytes))
        case .target: reader.targetSent(ByteBuffer(bytes: bytes))
        }
        pull()
    }

    /// Pulls both directions until neither has more. The visitor comes first, because an answer may release held
    /// requests.
    private func pull() {
        while true {
            if let event = reader.nextFromVisitor() {
                note(event)
            } else if let event = reader.nextFromTarget() {
                note(event)
            } else {
                return
            }
        }
    }

    private func note(_ event: RequestEvent) {
        switch event {
        case .head(let head):
            heads.append(head)
            visitorBytes += head.raw.readableBytesView
            visitorLines.append(describe(head))
        case .body(let bytes):
            visitorBytes += bytes.readableBytesView
            Self.join("body ", bytes, to: &visitorLines)
        case .opaque(let bytes):
            visitorBytes += bytes.readableBytesView
            Self.join("opaque ", bytes, to: &visitorLines)
        case .end: visitorLines.append("end")
        case .invalid(let fault): visitorLines.append("invalid \(fault)")
        }
    }

    private func note(_ event: ResponseEvent) {
        switch event {
        case .head(let head):
            answers.append(head)
            targetBytes += head.raw.readableBytesView
            targetLines.append(describe(head))
        case .body(let bytes):
            targetBytes += bytes.readableBytesView
            Self.join("body ", bytes, to: &targetLines)
        case .opaque(let bytes):
            targetBytes += bytes.readableBytesView
            Self.join("opaque ", bytes, to: &targetLines)
        case .end: targetLines.append(reader.isAnswerExact ? "end" : "end inexact")
        case .invalid(let fault, let status):
            targetLines.append("invalid \(fault)")
            unreadableStatus = status
        }
    }

    private static func join(_ kind: String, _ bytes: ByteBuffer, to lines: inout [String]) {
        if let last = lines.indices.last, lines[last].hasPrefix(kind) {
            lines[last] += text(bytes.readableBytesView)
        } else {
            lines.append(kind + text(bytes.readableBytesView))
        }
    }
}

/// How the bytes of the steps are split.
enum Segmentation: Sendable {
    case whole
    case bytewise
    /// Split once, at an offset that is counted over all steps.
    case at(Int)
    /// Random splits, the same for the same seed.
    case random(UInt64)

    func cutter() -> SegmentCutter { SegmentCutter(self) }
}

struct SegmentCutter {
    private let segmentation: Segmentation
    private var passed = 0
    private var generator: SeededRandom

    init(_ segmentation: Segmentation) {
        self.segmentation = segmentation
        if case .random(let seed) = segmentation {
            generator = SeededRandom(seed: seed)
        } else {
            generator = SeededRandom(seed: 0)
        }
    }

    mutating func pieces(of bytes: [UInt8]) -> [[UInt8]] {
        defer { passed += bytes.count }
        switch segmentation {
        case .whole:
            return [bytes]
        case .bytewise:
            return bytes.map { [$0] }
        case .at(let offset):
            let cut = offset - passed
            guard cut > 0, cut < bytes.count else { return [bytes] }
            return [Array(bytes[..<cut]), Array(bytes[cut...])]
        case .random:
            var pieces: [[UInt8]] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let length = min(rest.count, generator.roll(4) == 0 ? generator.roll(64) + 1 : generator.roll(6) + 1)
                pieces.append(Array(rest.prefix(length)))
                rest = rest.dropFirst(length)
            }
            return pieces
        }
    }
}

/// One byte for each character, so that samples can contain any byte.
func latin1(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
}

func text(_ bytes: some Sequence<UInt8>) -> String {
    String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
}

func describe(_ head: HTTPRequestHead) -> String {
    var words = [text(head.methodBytes), text(head.target), "host=\(head.host.map { text($0) } ?? "-")"]
    words.append(describe(head.framing))
    if head.asksForUpgrade { words.append("upgrade") }
    if head.wantsClose { words.append("close") }
    if head.expectsContinue { words.append("continue") }
    return words.joined(separator: " ")
}

func describe(_ head: HTTPResponseHead) -> String {
    var words = ["\(head.status)", describe(head.framing)]
    if head.isInterim { words.append("interim") }
    if head.opensTunnel { words.append("tunnel") }
    if head.wantsClose { words.append("close") }
    return words.joined(separator: " ")
}

private func describe(_ framing: HTTPBodyFraming) -> String {
    switch framing {
    case .none: "none"
    case .length(let length): "length(\(length))"
    case .chunked: "chunked"
    case .untilClose: "untilClose"
    }
}
