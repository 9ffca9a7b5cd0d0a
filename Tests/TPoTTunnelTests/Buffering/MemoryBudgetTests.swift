import Testing

@testable import TPoTTunnel

@Suite struct MemoryBudgetTests {
    private final class Connection: BudgetOwner {
        var isGivenUp = false

        func exceeded(_ budget: MemoryBudget) { isGivenUp = true }
    }

    @Test func beyondTheBoundTheLargestConnectionIsGivenUp() {
        let budget = MemoryBudget(pool: 100, perConnection: 10)
        let (small, large, other) = (Connection(), Connection(), Connection())
        budget.note(20, of: small)
        budget.note(90, of: large)
        #expect(!large.isGivenUp)
        budget.note(40, of: other)
        #expect(large.isGivenUp)
        #expect(!small.isGivenUp && !other.isGivenUp)
        #expect(budget.bytes == 60)
    }

    @Test func aConnectionGivenUpInOneBudgetLeavesAll() {
        final class Member: BudgetOwner {
            let share: BudgetShare

            init(_ budgets: [MemoryBudget]) { share = BudgetShare(budgets) }

            // A connection that is closed reports at once that it holds no bytes.
            func exceeded(_ budget: MemoryBudget) { share.note(0, of: self) }
        }
        let (server, tunnel) = (MemoryBudget(pool: 100, perConnection: 10), MemoryBudget(pool: 1000, perConnection: 10))
        let member = Member([server, tunnel])
        member.share.note(500, of: member)
        #expect(server.bytes == 0)
        #expect(tunnel.bytes == 0)
    }

    @Test func everyConnectionKeepsItsShareEvenIfThereAreMany() {
        let budget = MemoryBudget(pool: 100, perConnection: 10)
        let connections = (0..<1000).map { _ in Connection() }
        for connection in connections { budget.note(10, of: connection) }
        #expect(!connections.contains { $0.isGivenUp })
        #expect(budget.isHigh)
        for connection in connections { budget.note(0, of: connection) }
        #expect(budget.bytes == 0)
        #expect(!budget.isHigh)
    }
}
