import NIOCore
import TPoTTraffic
import TPoTWire

/// Builds the events of conversations in a short form, at times that the test chooses.
package struct Transcript {
    package private(set) var events: [TrafficEvent] = []
    /// The time of the last event, in milliseconds.
    package var time = 1000
    package var conversation: ConversationNumber = 1

    package init() {}

    package mutating func add(_ kind: TrafficEvent.Kind, after milliseconds: Int = 0) {
        time += milliseconds
        events.append(TrafficEvent(time: Self.deadline(time), conversation: conversation, kind: kind))
    }

    package mutating func take() -> [TrafficEvent] {
        defer { events.removeAll() }
        return events
    }

    package static func deadline(_ milliseconds: Int) -> NIODeadline {
        .uptimeNanoseconds(UInt64(milliseconds) * 1_000_000)
    }

    package mutating func open(id: ConversationID = 1, ip: UInt32 = 0xcb00_7109, port: UInt16 = 52110) {
        add(.opened(.visitor(id: id, RemoteAddress(ip: ip, port: port))))
    }

    package mutating func request(_ head: String, sent: String? = nil, body: String? = nil, ends: Bool = true) {
        add(
            .requestHead(
                received: Array((head + "\r\n\r\n").utf8),
                sent: sent.map { Array(($0 + "\r\n\r\n").utf8) }
            )
        )
        if let body { add(.requestBody(.bytes(ByteBuffer(string: body)))) }
        if ends { add(.requestEnd) }
    }

    package mutating func get(_ path: String = "/") { request("GET \(path) HTTP/1.1\r\nHost: a") }

    package mutating func answer(_ status: Int = 200, fields: String = "", body: String? = nil, ends: Bool = true) {
        add(.responseHead(Array("HTTP/1.1 \(status) Text\r\n\(fields)\r\n".utf8)))
        if let body { add(.responseBody(.bytes(ByteBuffer(string: body)))) }
        if ends { add(.responseEnd) }
    }

    /// A whole conversation with one request. Its number is `conversation`, which is then increased.
    package mutating func exchange(_ path: String = "/", status: Int = 200, body: String? = nil, answer: String? = nil)
    {
        open(id: ConversationID(truncatingIfNeeded: conversation), port: UInt16(truncatingIfNeeded: conversation))
        add(.targetConnected)
        request("\(body == nil ? "GET" : "POST") \(path) HTTP/1.1\r\nHost: a", body: body)
        self.answer(status, body: answer)
        add(.closed(.targetClosed(complete: true)))
        conversation += 1
    }
}

package func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }
