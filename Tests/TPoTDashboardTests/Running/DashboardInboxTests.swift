import Testing

@testable import TPoTDashboard

@Suite struct DashboardInboxTests {
    /// A busy log must not fill the queue with wakes.
    @Test func wakesAreMergedUntilOneIsTaken() async {
        let inbox = DashboardInbox()
        for _ in 0..<1000 { inbox.wake() }
        inbox.add(.key(.enter))
        inbox.acceptNextWake()
        inbox.wake()
        inbox.add(.keysEnded)
        var taken: [String] = []
        for await event in inbox.events {
            taken.append("\(event)")
            if case .keysEnded = event { break }
        }
        #expect(taken.count == 4)
        #expect(taken.filter { $0 == "wake" }.count == 2)
    }
}
