import Dispatch
import NIOCore
import TPoTTraffic

/// Whether the bodies of an exchange contain a text, which is in lower case.
package typealias BodyContains = @Sendable (_ needle: [UInt8], _ content: CapturedExchange) -> Bool

/// What a capture has to ask about what it keeps, because this target does not decode bodies. All of it may be slow: the
/// store asks in the background, with copies.
package struct CaptureMeaning: Sendable {
    package var bodyContains: BodyContains
    /// Who sent this request, and what it says.
    package var delivery: @Sendable (CapturedExchange) -> Delivery
    /// The bytes of a request's body after which ``delivery`` looks no further.
    package var deliveryBytes: Int
    /// What a replay's request changed: `body 1 line`. Nil if nothing.
    package var edit: @Sendable (_ original: CapturedExchange, _ replay: CapturedExchange) -> String?
    /// Whether two answers are the same, but for what differs each time.
    package var hasSameAnswer: @Sendable (CapturedExchange, CapturedExchange) -> Bool

    package init(
        bodyContains: @escaping BodyContains,
        delivery: @escaping @Sendable (CapturedExchange) -> Delivery,
        deliveryBytes: Int,
        edit: @escaping @Sendable (_ original: CapturedExchange, _ replay: CapturedExchange) -> String?,
        hasSameAnswer: @escaping @Sendable (CapturedExchange, CapturedExchange) -> Bool
    ) {
        self.bodyContains = bodyContains
        self.delivery = delivery
        self.deliveryBytes = deliveryBytes
        self.edit = edit
        self.hasSameAnswer = hasSameAnswer
    }
}

/// Runs the slow work of a store: one piece after the other, away from the threads that fill and read it.
package struct CaptureBackground: Sendable {
    /// Runs a closure after a delay. Closures must not run at the same time.
    package var run: @Sendable (_ delay: TimeAmount, _ work: @escaping @Sendable () -> Void) -> Void

    package init(run: @escaping @Sendable (_ delay: TimeAmount, _ work: @escaping @Sendable () -> Void) -> Void) {
        self.run = run
    }

    /// A queue behind the threads of the tunnel.
    package static var queue: CaptureBackground {
        let queue = DispatchQueue(label: "tpot.capture.background", qos: .utility)
        return CaptureBackground { delay, work in
            let due = DispatchTime(uptimeNanoseconds: DispatchTime.now().uptimeNanoseconds + UInt64(delay.nanoseconds))
            queue.asyncAfter(deadline: due) {
                BackgroundPriority.take()
                work()
            }
        }
    }
}
