import TPoTInspect
import TPoTTraffic
import TestSupport
import Testing

@testable import TPoTCapture

/// Whether signatures are right is found out in the background.
@Suite struct SignatureTests {
    private func store(bodyBytes: Int = 4096, _ play: (inout Transcript) -> Void) throws -> CaptureStore {
        let store = testStore(bodyBytes: bodyBytes, secrets: try SignedDelivery.secrets)
        var transcript = Transcript()
        play(&transcript)
        store.consume(&transcript)
        return store
    }

    private func verdict(_ number: UInt64, _ store: CaptureStore) -> SignatureVerdict? {
        store.detail(number)?.row.signature
    }

    @Test func deliveriesAreChecked() throws {
        let store = try store { traffic in
            traffic.deliver(.valid)
            traffic.deliver(.wrong)
            traffic.deliver(.old)
            traffic.deliver(.unsigned)
            traffic.deliver(.malformed)
            traffic.exchange("/no-webhook")
        }
        #expect(verdict(1, store) == .valid)
        #expect(verdict(2, store) == .mismatch)
        #expect(verdict(3, store) == .tooOld(seconds: 900, allowed: 300))
        #expect(verdict(4, store) == .missing("Stripe-Signature"))
        #expect(verdict(5, store) == .malformed("Stripe-Signature"))
        #expect(store.detail(6)?.exchange.state == .finished)
        #expect(verdict(6, store) == nil)
        #expect(store.list("is:signed") == [1])
        #expect(store.list("is:unsigned") == [5, 4, 3, 2])
        #expect(store.list("-is:signed -is:unsigned") == [6])
    }

    @Test func withoutASecretNothingIsSaid() throws {
        let store = testStore()
        var transcript = Transcript()
        transcript.deliver(.valid)
        store.consume(&transcript)
        #expect(store.detail(1)?.row.delivery?.signature == .stripe)
        #expect(verdict(1, store) == nil)
        #expect(store.list("is:signed").isEmpty && store.list("is:unsigned").isEmpty)
    }

    /// The end of the body decides, not its beginning, from which the event is known.
    @Test func aRequestThatIsUnderWayIsNotJudged() throws {
        let store = try store { traffic in
            traffic.open()
            let field = SignedDelivery.valid.signature ?? ""
            traffic.request("POST /h HTTP/1.1\r\nUser-Agent: Stripe/1\r\n\(field)", ends: false)
        }
        #expect(verdict(1, store) == nil)
        var rest = Transcript()
        rest.add(.requestBody(.bytes(.init(string: SignedDelivery.valid.body))))
        rest.add(.requestEnd)
        store.consume(&rest)
        #expect(verdict(1, store) == .valid)
    }

    @Test func aPartOfTheBodyProvesNothing() throws {
        let store = try store(bodyBytes: 40) { $0.deliver(.valid) }
        #expect(verdict(1, store) == .cannotTell(.partOfBody))
        #expect(store.list("is:unsigned").isEmpty)
    }

    /// An edited replay with the signature of its original is no forgery.
    @Test func anEditedReplayIsKnown() throws {
        let store = try store { traffic in
            traffic.deliver(.valid)
            traffic.deliver(.valid.with(body: "{}"), replayOf: 1)
            traffic.deliver(.wrong)
            traffic.deliver(.wrong, replayOf: 3)
        }
        #expect(verdict(2, store) == .editedHere)
        #expect(verdict(4, store) == .mismatch)
    }

    @Test func whatIsSavedIsReadAgain() {
        let verdicts: [SignatureVerdict] = [
            .valid, .missing("webhook-timestamp"), .malformed("signature.signature"),
            .tooOld(seconds: 900, allowed: 300), .inFuture(seconds: .max, allowed: 5), .mismatch, .editedHere,
            .noSecret,
            .cannotTell(.partOfBody), .cannotTell(.unknownURL), .cannotTell(.unsupported),
        ]
        for verdict in verdicts { #expect(SignatureVerdict(stored: verdict.stored) == verdict) }
        let others = [
            "", " ", "valid x", "too-old 1", "too-old a b", "cannot-tell", "cannot-tell x", "missing", "other",
        ]
        for text in others {
            #expect(SignatureVerdict(stored: text) == nil, "\(text)")
        }
    }
}
