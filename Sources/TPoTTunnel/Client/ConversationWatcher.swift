import NIOCore
import TPoTTraffic
import TPoTWire

/// Publishes the traffic of one conversation: of each body the bytes up to the bus's limit, then only their number.
struct ConversationWatcher {
    /// Pieces up to this size are copied before they are published, because a slice pins its receive buffer.
    private static let copiedBytes = 2048

    private let number: ConversationNumber
    private let bus: TrafficBus
    private var requestBytes = 0
    private var responseBytes = 0

    init(number: ConversationNumber, bus: TrafficBus) {
        self.number = number
        self.bus = bus
    }

    func publish(_ kind: TrafficEvent.Kind) {
        bus.publish(TrafficEvent(time: .now(), conversation: number, kind: kind))
    }

    mutating func requestHead(received: ByteBuffer, sent: ByteBuffer?) {
        requestBytes = 0
        let sent = bus.bodyLimit > 0 ? sent : nil
        publish(.requestHead(received: Array(buffer: received), sent: sent.map { Array(buffer: $0) }))
    }

    mutating func requestBody(_ bytes: ByteBuffer) {
        publish(.requestBody(Self.wanted(bytes, &requestBytes, bus.bodyLimit)))
    }

    mutating func visitorOpaque(_ bytes: ByteBuffer) {
        publish(.visitorOpaque(Self.wanted(bytes, &requestBytes, bus.bodyLimit)))
    }

    mutating func publish(_ event: ResponseEvent) {
        switch event {
        case .head(let head):
            responseBytes = 0
            publish(.responseHead(Array(buffer: head.raw)))
        case .body(let bytes):
            publish(.responseBody(Self.wanted(bytes, &responseBytes, bus.bodyLimit)))
        case .end:
            publish(.responseEnd)
        case .invalid(let fault, let status):
            responseBytes = 0
            publish(.responseUnreadable(fault, status: status))
        case .opaque(let bytes):
            publish(.targetOpaque(Self.wanted(bytes, &responseBytes, bus.bodyLimit)))
        }
    }

    private static func owned(_ bytes: ByteBuffer) -> ByteBuffer {
        bytes.readableBytes <= copiedBytes ? ByteBuffer(bytes: bytes.readableBytesView) : bytes
    }

    private static func wanted(_ bytes: ByteBuffer, _ seen: inout Int, _ limit: Int) -> TrafficBytes {
        let count = bytes.readableBytes
        defer { seen += count }
        return seen < limit ? .bytes(owned(bytes)) : .count(count)
    }
}
