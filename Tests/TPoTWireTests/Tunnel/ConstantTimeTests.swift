import TPoTWire
import Testing

@Suite struct ConstantTimeTests {
    @Test(arguments: [
        ("", "", true), ("secret", "secret", true), ("secret", "secreT", false), ("Secret", "secret", false),
        ("secret", "secre", false), ("", "s", false),
    ])
    func equalityIsThatOfTheBytes(left: String, right: String, areEqual: Bool) {
        #expect(ConstantTime.areEqual(left.utf8, right.utf8) == areEqual)
    }
}
