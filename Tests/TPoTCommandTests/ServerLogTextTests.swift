import TPoTTunnel
import Testing

@testable import TPoTCommand

@Suite struct ServerLogTextTests {
    @Test func theWayOutIsTheOption() {
        let text = ServerLogText()
        #expect(
            text.forwardedForIsIgnored(of: "192.0.2.1")
                == "X-Forwarded-For from 192.0.2.1 is not believed; with --trust-proxy 192.0.2.1 the addresses in it are"
                + " limited and logged"
        )
        #expect(
            text.connectionClosed(of: "192.0.2.1", open: 9)
                == "closed a new connection of 192.0.2.1: it has 9 open; if it is a proxy, name it with --trust-proxy"
        )
    }

    /// The embedded server has no options.
    @Test func withoutOptionsNoneIsNamed() {
        let text = PlainServerWording()
        #expect(!text.forwardedForIsIgnored(of: "192.0.2.1").contains("--"))
        #expect(!text.connectionClosed(of: "192.0.2.1", open: 9).contains("--"))
    }
}
