import TPoTCapture
import TPoTInspect
import TestSupport
import Testing

@Suite struct SignaturePropertyTests {
    /// A request with random damage, as anybody can send it.
    private static func damaged(_ sample: SignedSample, _ random: inout SeededRandom) -> [UInt8] {
        var bytes = sample.bytes
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[index] = .random(in: 0...255, using: &random)
            case 1: bytes.remove(at: index)
            case 2: bytes.insert(contentsOf: bytes[index...].prefix(20), at: index)
            default: bytes[index] = ",;:= \r\n\"{}&?v1".utf8.randomElement(using: &random) ?? 0
            }
        }
        return bytes
    }

    @Test func damagedRequestsAreReadAndSigned() async {
        let refuted = await counterexample(of: "signatures of damaged requests", rounds: 3000) { random in
            guard let sample = SignedSample.all.randomElement(using: &random) else { return }
            let secrets = try sample.secrets
            let bytes = Self.damaged(sample, &random)
            let request = WebhookRequest(bytes: bytes, publicURL: sample.publicURL)
            let now = sample.seconds * 1_000_000_000
            _ = sample.scheme.verify(request, secrets: secrets, at: now)
            guard let new = try? sample.scheme.sign(request, secrets: secrets, at: now), !new.isEmpty else { return }
            let signed = WebhookRequest(bytes: new.applied(to: bytes), publicURL: sample.publicURL)
            let verdict = sample.scheme.verify(signed, secrets: secrets, at: now)
            // What is damaged elsewhere may make the request unreadable, but the signature is right.
            try require(verdict != .mismatch, "\(sample.title): \(verdict): \(text(bytes).debugDescription)")
        }
        #expect(refuted == nil)
    }
}
