import TPoTWire
import Testing

@testable import TPoTCommand

@Suite struct FailureTextAddressTests {
    @Test func errorsNameTheValueAndTheWayOut() {
        func message(_ text: String) -> String {
            do throws(AddressError) {
                return try ServerAddress(text).description
            } catch {
                return FailureText.text(error)
            }
        }
        #expect(
            message("wss://tpot.example.com")
                == #"server address "wss://tpot.example.com": it begins with wss://; write https:// instead "#
                + "(the WebSocket is opened from it)"
        )
        #expect(message("3000").hasSuffix("write localhost:3000 for a server on this machine"))
        #expect(message("::1").hasSuffix("an IPv6 address stands in brackets; write [::1] or [::1]:PORT"))
        let withSecret = message("https://me:secret@tpot.example.com")
        #expect(withSecret.hasPrefix(#"server address "https://…@tpot.example.com": "#))
        #expect(!withSecret.contains("secret"))
        #expect(!message("a\u{1b}[2J").contains("\u{1b}"))
    }

    @Test func thePathOfATargetIsNamed() throws {
        let error = #expect(throws: AddressError.self) { try TargetAddress("http://localhost:8080/api") }
        #expect(
            error.map { FailureText.text($0) }
                == #"target address "http://localhost:8080/api": it has the path "/api", but requests keep "#
                + "the path they come with; leave the path out"
        )
    }
}
