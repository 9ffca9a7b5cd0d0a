import TPoTWire
import Testing

@testable import TPoTTunnel

@Suite struct DeliveryReportTests {
    @Test(arguments: [DeliveryReport.Moment.isOpen, .continues, .hasGone, .closes])
    func aDecidedCauseComesFirst(moment: DeliveryReport.Moment) {
        for hasAll in [false, true] {
            let cause = DeliveryReport.cause(moment, decided: .limit, hasAll: hasAll, isLate: false)
            #expect(cause == .limit)
        }
        #expect(DeliveryReport.cause(moment, decided: .complete, hasAll: true, isLate: false) == .complete)
    }

    @Test func theCauseOfMissingBytesIsTheEndOfTheConnection() {
        func cause(_ moment: DeliveryReport.Moment, isLate: Bool = false) -> ConversationCause? {
            DeliveryReport.cause(moment, decided: .complete, hasAll: false, isLate: isLate)
        }
        #expect(cause(.isOpen) == nil)
        #expect(cause(.isOpen, isLate: true) == .givenUp)
        #expect(cause(.continues) == .complete)
        #expect(cause(.hasGone) == .incomplete)
        #expect(cause(.closes) == .givenUp)
    }
}
