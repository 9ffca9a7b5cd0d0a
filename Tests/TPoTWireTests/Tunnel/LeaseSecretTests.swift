import Testing

@testable import TPoTWire

@Suite struct LeaseSecretTests {
    private static let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    @Test(arguments: [
        ([alphabet], true), ([String(repeating: "x", count: 22)], true), ([String(repeating: "x", count: 128)], true),
        ([String(repeating: "x", count: 21)], false), ([String(repeating: "x", count: 129)], false), ([], false),
        ([alphabet, alphabet], false), (["\(alphabet),\(alphabet)"], false), ([alphabet + "="], false),
        ([alphabet + "é"], false), ([String(repeating: " ", count: 30)], false),
    ])
    func exactlyOneWellFormedHeaderIsAccepted(headers: [String], isSecret: Bool) {
        #expect(LeaseSecret(headers: headers)?.text == (isSecret ? headers.first : nil))
    }

    @Test func randomSecretsHave128BitsAndDiffer() throws {
        let secrets = (0..<1_000).map { _ in LeaseSecret.random() }
        #expect(Set(secrets.map(\.text)).count == secrets.count)
        for secret in secrets {
            #expect(secret.text.utf8.count * 4 >= 128)
            let read = try #require(LeaseSecret(headers: [secret.text]))
            #expect(read.matches(secret))
        }
        #expect(!secrets[0].matches(secrets[1]))
    }

    @Test func theDescriptionDoesNotRevealTheSecret() {
        let secret = LeaseSecret.random()
        #expect(!"\(secret)".contains(secret.text))
    }
}

@Suite struct ConstantTimeTests {
    @Test(arguments: [
        ("", "", true), ("secret", "secret", true), ("secret", "secreT", false), ("Secret", "secret", false),
        ("secret", "secre", false), ("", "s", false),
    ])
    func allBytesAreCompared(left: String, right: String, areEqual: Bool) {
        #expect(ConstantTime.areEqual(left.utf8, right.utf8) == areEqual)
    }
}
