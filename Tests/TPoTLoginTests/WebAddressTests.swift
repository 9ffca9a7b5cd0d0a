import TPoTLogin
import Testing

@Suite struct WebAddressTests {
    @Test(arguments: [
        ("https://id.example.com", "https://id.example.com", "/"),
        ("https://id.example.com:8443/a/b", "https://id.example.com:8443", "/a/b"),
        ("https://id.example.com/authorize?p=b2c_1&x=%20", "https://id.example.com", "/authorize?p=b2c_1&x=%20"),
        ("https://id.example.com?x", "https://id.example.com", "/?x"),
        ("HTTPS://ID.example.com/A", "https://id.example.com", "/A"),
        ("https://[::1]:8443/", "https://[::1]:8443", "/"),
    ])
    func addressesAreSplit(text: String, server: String, target: String) throws {
        let address = try #require(WebAddress(text))
        #expect(address.server.description == server)
        #expect(address.target == target)
        #expect(address.text == text)
    }

    @Test(arguments: [
        "", "id.example.com", "http://id.example.com", "https://", "https:///x", "https://user@id.example.com/",
        "https://id.example.com\\@evil.example", "https://id.example.com/#x", "https://id.example.com/a b",
        "https://id.example.com/\r\nX: y", "https://id.example.com/é", "https://id.example.com/\"",
        "file:///etc/passwd",
        "-https://id.example.com", "https://id.example.com:99999/",
        "https://id.example.com/" + String(repeating: "x", count: 2048),
    ])
    func invalidAddressesAreRejected(text: String) {
        #expect(WebAddress(text) == nil)
    }
}
