import NIOCore

/// Who calls the demo's shop, and when: twenty visits in the first ten seconds, then one each two and a half.
///
/// It is the same in every run. Names, addresses and ids are invented.
enum DemoStory {
    struct Scene: Sendable {
        /// After the tunnel is up.
        var time: TimeAmount
        var visit: DemoVisit
        /// Of the visitor.
        var address: String
    }

    /// Between two visits after the opening.
    static let pause = TimeAmount.milliseconds(2500)

    private typealias Maker = @Sendable (_ round: Int) -> DemoVisit

    /// Milliseconds after the tunnel is up, and who calls then.
    private static let opening: [(Int64, Maker)] = [
        (300, { _ in DemoCalls.firefox }),
        (800, { _ in DemoCalls.liveOrders }),
        (1100, { DemoDeliveries.customerCreated($0) }),
        (1400, { DemoDeliveries.push($0) }),
        (1700, { DemoDeliveries.orderCreated($0) }),
        (2000, { _ in DemoCalls.liveStock }),
        (2400, { DemoDeliveries.invoicePaid($0) }),
        (2800, { _ in DemoCalls.products }),
        (3100, { DemoDeliveries.mention($0) }),
        (3500, { _ in DemoCalls.slowReport }),
        (3900, { DemoDeliveries.paymentFailed($0) }),
        (4300, { DemoDeliveries.pullRequest($0) }),
        (4700, { _ in DemoCalls.photo }),
        (5200, { _ in DemoCalls.impatient }),
        (5800, { _ in DemoCalls.cart }),
        (6400, { DemoDeliveries.command($0) }),
        // The same delivery again.
        (7000, { DemoDeliveries.invoicePaid($0) }),
        (7600, { _ in DemoCalls.scanner }),
        (8200, { _ in DemoCalls.halfCatalogue }),
        (8600, { DemoDeliveries.forged($0) }),
        (9000, { _ in DemoCalls.backup }),
    ]

    /// Repeated, with other numbers each time.
    private static let round: [Maker] = [
        { _ in DemoCalls.safari },
        // The bug's delivery again: the one of the opening, or of the round before.
        { DemoDeliveries.paymentFailed($0) },
        { DemoDeliveries.orderCreated($0 + 1) },
        { _ in DemoCalls.products },
        { DemoDeliveries.issueComment($0) },
        { DemoDeliveries.paymentFailed($0 + 1000, amountDue: "4800") },
        { _ in DemoCalls.liveOrders },
        { DemoDeliveries.mention($0 + 1) },
        { _ in DemoCalls.slowReport },
        { DemoDeliveries.paymentFailed($0 + 1) },
        { _ in DemoCalls.cart },
        { _ in DemoCalls.liveStock },
        { DemoDeliveries.invoicePaid($0 + 1) },
        { _ in DemoCalls.photo },
        { _ in DemoCalls.impatient },
        { _ in DemoCalls.scanner },
    ]

    static let openingCount = opening.count
    static let roundCount = round.count

    /// The visits in order, without end.
    static func scene(_ index: Int) -> Scene {
        let address = address(index)
        if index < opening.count {
            let (milliseconds, make) = opening[index]
            return Scene(time: .milliseconds(milliseconds), visit: make(0), address: address)
        }
        let later = index - opening.count
        let begin = TimeAmount.milliseconds(opening.last?.0 ?? 0)
        let visit = round[later % round.count](later / round.count)
        return Scene(time: begin + pause * (later + 1), visit: visit, address: address)
    }

    /// In the networks for documentation (RFC 5737), and short enough for the list at 120 columns.
    private static func address(_ index: Int) -> String {
        let last = 1 + index * 7 % 9
        return switch index % 3 {
        case 0: "203.0.113.\(last):\(50_000 + index * 1237 % 10_000)"
        case 1: "198.51.100.\(last):\(4000 + index * 523 % 5000)"
        default: "192.0.2.\(10 + index * 13 % 90):\(40_000 + index * 1237 % 9000)"
        }
    }
}
