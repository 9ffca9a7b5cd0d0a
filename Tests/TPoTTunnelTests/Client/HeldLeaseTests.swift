import TPoTNetwork
import TPoTWire
import Testing

@testable import TPoTTunnel

@Suite struct HeldLeaseTests {
    private let first = LeaseSecret.random().text
    private let second = LeaseSecret.random().text

    @Test func theLatestSecretIsHeld() {
        var lease = HeldLease()
        #expect(lease.secret == nil)
        #expect(lease.granted([first], agreed: .ours) == true)
        #expect(lease.granted([second], agreed: .lease) == true)
        #expect(lease.secret?.text == second)
        // The secret is worthless with a server that knows no leases.
        #expect(lease.granted([], agreed: [.half]) == true)
        #expect(lease.secret == nil)
    }

    @Test func aSecretThatWasNotAgreedOnIsRejected() {
        var lease = HeldLease()
        for headers in [[], ["short"], [first, second]] { #expect(lease.granted(headers, agreed: .lease) == false) }
        #expect(lease.granted([first], agreed: [.half]) == false)
        #expect(lease.secret == nil)
    }

    /// Each further use would count as a guess.
    @Test func aRefusedSecretIsForgotten() {
        var lease = HeldLease()
        #expect(lease.granted([first], agreed: .lease) == true)
        for failure in [.notConnected(.unreachable(.server, .closed)), .serverBusy(""), .tooManyTunnels("")]
            as [ConnectFailure]
        {
            lease.refused(failure)
            #expect(lease.secret?.text == first)
        }
        lease.refused(.subdomainTaken(""))
        #expect(lease.secret == nil)
    }
}
