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
    /// Checks signatures; nil if no secret is known.
    package var signatures: SignatureCheck?

    package init(
        bodyContains: @escaping BodyContains,
        delivery: @escaping @Sendable (CapturedExchange) -> Delivery,
        deliveryBytes: Int,
        edit: @escaping @Sendable (_ original: CapturedExchange, _ replay: CapturedExchange) -> String?,
        hasSameAnswer: @escaping @Sendable (CapturedExchange, CapturedExchange) -> Bool,
        signatures: SignatureCheck? = nil
    ) {
        self.bodyContains = bodyContains
        self.delivery = delivery
        self.deliveryBytes = deliveryBytes
        self.edit = edit
        self.hasSameAnswer = hasSameAnswer
        self.signatures = signatures
    }
}

/// Checks the signatures of webhooks.
package struct SignatureCheck: Sendable {
    /// Those whose secrets are known.
    package var schemes: Set<SignatureScheme>
    /// Checks the signature of an exchange whose ``Delivery/signature`` is one of ``schemes``.
    package var verdict: @Sendable (CapturedExchange, Circumstances) -> SignatureVerdict

    /// What the exchange itself does not say.
    package struct Circumstances: Hashable, Sendable {
        /// The public URL of the tunnel, without a path; nil if it is not known.
        package var publicURL: String?
        /// The request was edited here, so a signature that does not match is no surprise.
        package var isEdited = false
    }

    package init(
        schemes: Set<SignatureScheme>,
        verdict: @escaping @Sendable (CapturedExchange, Circumstances) -> SignatureVerdict
    ) {
        self.schemes = schemes
        self.verdict = verdict
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
