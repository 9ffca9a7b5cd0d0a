import Testing

@testable import TPoTCommand
@testable import TPoTWire

@Suite struct EmbeddedServerTests {
    @Test(arguments: ["3000", "localhost:3000", "http://127.0.0.1:3000", "https://10.0.0.1:3000", "[::1]:3000"])
    func theTargetsPortIsNotUsed(target: String) throws {
        let target = try TargetAddress(target)
        let ports = EmbeddedServer.ports(target: target)
        #expect(ports.first == 3001)
        #expect(!ports.contains(3000))
        #expect(EmbeddedServer.place(3001, target: target) == "port 3001, since 3000 is the target's")
    }

    @Test func portsAreTriedInOrder() throws {
        #expect(EmbeddedServer.ports(target: try TargetAddress("8080")) == Array(3000..<3100))
        #expect(EmbeddedServer.ports(target: try TargetAddress("unix:/3000")).first == 3000)
        #expect(EmbeddedServer.ports(target: try TargetAddress("3001")).prefix(2) == [3000, 3002])
        #expect(EmbeddedServer.place(3000, target: try TargetAddress("8080")) == "port 3000")
        #expect(EmbeddedServer.place(3002, target: try TargetAddress("3001")) == "port 3002, since 3000 is in use")
    }
}
