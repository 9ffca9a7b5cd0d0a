import NIOCore
import TPoTTraffic

/// What an event changed.
///
///     opened  (exchanges)*  closed                 for each conversation
///     began  (content | changed)*  finished        for each exchange; content only tells bytes, the rest tells values
///
/// An exchange has finished before its conversation is closed.
package enum ExchangeUpdate: Sendable {
    case opened(ConversationRow)
    case closed(ConversationRow)
    case began(Exchange)
    /// Bytes of the exchange with this number. A `changed` or `finished` with the new counts follows.
    case content(UInt64, ExchangeContent)
    case changed(Exchange)
    /// It is over, complete or not: no more comes of it.
    case finished(Exchange)
}

package enum ExchangeContent: Sendable {
    /// As the visitor sent it, and as the target got it where that differs.
    case requestHead(received: [UInt8], sent: [UInt8]?)
    case requestBody(TrafficBytes)
    case interimHead([UInt8])
    case responseHead([UInt8])
    case responseBody(TrafficBytes)
    /// What has just been told of a body was not interpreted, and passed then.
    case opaque(fromVisitor: Bool, at: NIODeadline)
}
