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
    func readsOneHeaderOfTheRightForm(headers: [String], isSecret: Bool) {
        #expect(LeaseSecret(headers: headers)?.text == (isSecret ? headers.first : nil))
    }

    @Test func aNewOneHas128BitsAndIsUnlikeTheOthers() throws {
        let secrets = (0..<1_000).map { _ in LeaseSecret.random() }
        #expect(Set(secrets.map(\.text)).count == secrets.count)
        for secret in secrets {
            #expect(secret.text.utf8.count * 4 >= 128)
            let read = try #require(LeaseSecret(headers: [secret.text]))
            #expect(read.matches(secret))
        }
        #expect(!secrets[0].matches(secrets[1]))
    }

    @Test func isNotWrittenIntoALog() {
        let secret = LeaseSecret.random()
        #expect(!"\(secret)".contains(secret.text))
    }
}
