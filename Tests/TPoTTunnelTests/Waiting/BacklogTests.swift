import Testing

@testable import TPoTTunnel

@Suite struct BacklogTests {
    private final class Connection: BacklogOwner {
        var isGivenUp = false

        func exceeded(_ backlog: Backlog) { isGivenUp = true }
    }

    @Test func beyondTheBoundTheOneWithTheMostIsGivenUp() {
        let backlog = Backlog(pool: 100, share: 10)
        let (small, large, other) = (Connection(), Connection(), Connection())
        backlog.note(20, of: small)
        backlog.note(90, of: large)
        #expect(!large.isGivenUp)
        backlog.note(40, of: other)
        #expect(large.isGivenUp)
        #expect(!small.isGivenUp && !other.isGivenUp)
        #expect(backlog.bytes == 60)
    }

    @Test func whoeverIsGivenUpInOneIsInNone() {
        final class Member: BacklogOwner {
            let membership: BacklogMembership

            init(_ backlogs: [Backlog]) { membership = BacklogMembership(backlogs) }

            // As a connection that is closed says at once that nothing waits for it.
            func exceeded(_ backlog: Backlog) { membership.note(0, of: self) }
        }
        let (server, tunnel) = (Backlog(pool: 100, share: 10), Backlog(pool: 1000, share: 10))
        let member = Member([server, tunnel])
        member.membership.note(500, of: member)
        #expect(server.bytes == 0)
        #expect(tunnel.bytes == 0)
    }

    @Test func everyConnectionHasItsShareHoweverManyThereAre() {
        let backlog = Backlog(pool: 100, share: 10)
        let connections = (0..<1000).map { _ in Connection() }
        for connection in connections { backlog.note(10, of: connection) }
        #expect(!connections.contains { $0.isGivenUp })
        #expect(backlog.isHigh)
        for connection in connections { backlog.note(0, of: connection) }
        #expect(backlog.bytes == 0)
        #expect(!backlog.isHigh)
    }
}
