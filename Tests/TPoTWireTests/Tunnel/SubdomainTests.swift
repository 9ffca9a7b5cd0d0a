import TPoTWire
import Testing

@Suite struct SubdomainTests {
    @Test(arguments: ["a", "0", "a-", "my-app-2", "abcdefghijklmnopqrstuvwx"])
    func validNamesAreAccepted(name: String) {
        #expect(Subdomain(exactly: name)?.name == name)
        #expect(Subdomain(name.uppercased())?.name == name)
    }

    @Test(arguments: ["", "-", "-a", "a_b", "a.b", "a b", "é", "abcdefghijklmnopqrstuvwxy", "a\n", "\u{212A}elvin"])
    func invalidNamesAreRefused(name: String) {
        #expect(Subdomain(exactly: name) == nil)
        #expect(Subdomain(name) == nil)
    }

    @Test func upperCaseIsOnlyAcceptedIfItIsLowered() {
        #expect(Subdomain(exactly: "Bench") == nil)
        #expect(Subdomain("Bench")?.description == "bench")
    }

    @Test func randomNamesAreValidAndDiffer() {
        var generator = SystemRandomNumberGenerator()
        let names = (0..<200).map { _ in Subdomain.random(using: &generator) }
        #expect(names.allSatisfy { $0.name.count == 8 && Subdomain(exactly: $0.name) == $0 })
        #expect(Set(names).count == names.count)
    }
}

@Suite struct RemoteAddressTests {
    @Test func ipv4AddressesAreWrittenInDottedDecimal() {
        #expect(RemoteAddress(ip: 0xcb00_7109, port: 8080).description == "203.0.113.9:8080")
        #expect(RemoteAddress(ip: .max, port: .max).description == "255.255.255.255:65535")
        #expect(RemoteAddress(ip: 0, port: 0).host == "0.0.0.0")
    }
}
