import NIOCore
import TPoTWire

/// Who is told what comes over a link; on the link's event loop.
protocol TunnelLinkOwner: AnyObject {
    /// A message, or a slice of a data message. An error thrown ends the link with 4180.
    func linkReceived(_ message: TunnelMessage) throws
    /// Everything of this read was delivered: the moment to flush local sockets.
    func linkReadComplete()
    /// The last message of a conversation went out.
    func linkSentClosed(_ id: ConversationID)
    /// A ping came: the peer has read what was sent to it before the WebSocket began.
    func linkPinged()
    func linkRoundTrip(_ time: TimeAmount)
    /// The link is gone; called once, nothing comes after it.
    func linkEnded(_ end: LinkEnd)
}
