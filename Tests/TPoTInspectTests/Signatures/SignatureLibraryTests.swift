import FoundationEssentials
import TPoTCapture
import TPoTInspect
import Testing

/// The other half of `Tests/Signatures/run`, which names a file of deliveries that the providers' own libraries signed.
@Suite struct SignatureLibraryTests {
    private static let path = ProcessInfo.processInfo.environment["TPOT_SIGNATURES"]

    private struct Case: Decodable {
        var scheme: String
        var secret: String
        var publicURL: String?
        var request: Data
        var signedAt: Int64
        var ages: Bool
        var now: Int64
    }

    @Test(.enabled(if: path != nil)) func whatLibrariesSignIsValid() throws {
        let url = URL(filePath: try #require(Self.path))
        let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: url))
        let signed = try cases.map { sample in
            let scheme = try #require(SignatureScheme.allCases.first { $0.settingName == sample.scheme })
            let secrets = try SignedSample.secrets([sample.secret], scheme)
            let bytes = Array(sample.request)
            let request = WebhookRequest(bytes: bytes, publicURL: sample.publicURL)
            func verdict(_ seconds: Int64) -> SignatureVerdict {
                scheme.verify(request, secrets: secrets, at: seconds * 1_000_000_000)
            }
            #expect(verdict(sample.signedAt) == .valid, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
            #expect(verdict(sample.now) == (sample.ages ? .tooOld(seconds: 3600, allowed: 300) : .valid))
            let new = try scheme.sign(request, secrets: secrets, at: sample.now * 1_000_000_000)
            return Data(new.applied(to: bytes))
        }
        try JSONEncoder().encode(signed).write(to: url.appendingPathExtension("signed"))
    }
}
