import NIOCore
import TPoTTraffic
import TPoTWire

/// Events written down shortly: what happened in conversations on a clock that the test moves.
struct Transcript {
    private(set) var events: [TrafficEvent] = []
    /// Milliseconds since the beginning.
    var time = 1000
    var conversation: ConversationNumber = 1

    mutating func add(_ kind: TrafficEvent.Kind, after milliseconds: Int = 0) {
        time += milliseconds
        events.append(TrafficEvent(time: Self.deadline(time), conversation: conversation, kind: kind))
    }

    mutating func take() -> [TrafficEvent] {
        defer { events.removeAll() }
        return events
    }

    static func deadline(_ milliseconds: Int) -> NIODeadline {
        .uptimeNanoseconds(UInt64(milliseconds) * 1_000_000)
    }

    mutating func open(id: ConversationID = 1, ip: UInt32 = 0xcb00_7109, port: UInt16 = 52110) {
        add(.opened(.visitor(id: id, RemoteAddress(ip: ip, port: port))))
    }

    mutating func request(_ head: String, sent: String? = nil, body: String? = nil, ends: Bool = true) {
        add(
            .requestHead(
                received: ByteBuffer(string: head + "\r\n\r\n"),
                sent: sent.map { ByteBuffer(string: $0 + "\r\n\r\n") }
            )
        )
        if let body { add(.requestBody(.bytes(ByteBuffer(string: body)))) }
        if ends { add(.requestEnd) }
    }

    mutating func get(_ path: String = "/") { request("GET \(path) HTTP/1.1\r\nHost: a") }

    mutating func answer(_ status: Int = 200, fields: String = "", body: String? = nil, ends: Bool = true) {
        add(.responseHead(ByteBuffer(string: "HTTP/1.1 \(status) Text\r\n\(fields)\r\n")))
        if let body { add(.responseBody(.bytes(ByteBuffer(string: body)))) }
        if ends { add(.responseEnd) }
    }

    /// A whole conversation with one request, which is number `conversation`.
    mutating func exchange(_ path: String = "/", status: Int = 200, body: String? = nil, answer: String? = nil) {
        open(id: ConversationID(truncatingIfNeeded: conversation), port: UInt16(truncatingIfNeeded: conversation))
        add(.targetConnected)
        request("\(body == nil ? "GET" : "POST") \(path) HTTP/1.1\r\nHost: a", body: body)
        self.answer(status, body: answer)
        add(.closed(.targetClosed(complete: true)))
        conversation += 1
    }
}

/// What an assembler said, in short: `1 began`, `1 in 12`, `1 finished 200`.
func assemble(_ events: [TrafficEvent]) -> (lines: [String], exchanges: [UInt64: Exchange]) {
    var assembler = ExchangeAssembler()
    return assemble(events, &assembler)
}

func assemble(
    _ events: [TrafficEvent],
    _ assembler: inout ExchangeAssembler
) -> (lines: [String], exchanges: [UInt64: Exchange]) {
    var lines: [String] = []
    var exchanges: [UInt64: Exchange] = [:]
    for event in events {
        assembler.consume(event) { update in
            switch update {
            case .began(let exchange):
                lines.append("\(exchange.number) began \(text(exchange.method)) \(text(exchange.target))")
                exchanges[exchange.number] = exchange
            case .changed(let exchange):
                if exchanges[exchange.number]?.state != exchange.state {
                    lines.append("\(exchange.number) \(exchange.state)")
                }
                exchanges[exchange.number] = exchange
            case .finished(let exchange):
                lines.append("\(exchange.number) over \(exchange.state) \(exchange.status ?? 0)")
                exchanges[exchange.number] = exchange
            case .content(let number, let content):
                guard exchanges[number]?.state.isOver == false else {
                    lines.append("\(number) content out of place")
                    break
                }
                if case .interimHead = content { lines.append("\(number) interim") }
            }
        }
    }
    return (lines, exchanges)
}

func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }
