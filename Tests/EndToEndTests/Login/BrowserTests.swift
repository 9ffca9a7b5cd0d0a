import NIOCore
import TestSupport
import Testing

@testable import TPoTCommand
@testable import TPoTLogin

/// The requests that the loopback receives while a login is under way.
@Suite(.timeLimit(.minutes(3))) struct BrowserTests {
    @Test func theBrowserShowsThatTheLoginSucceeded() async throws {
        let place = try await LoginPlace()
        try await place.logIn { invitation, place in
            let page = try await place.agree(invitation)
            #expect(page.hasPrefix("HTTP/1.1 200 "))
            #expect(page.contains("Logged in"))
            #expect(page.contains("Cache-Control: no-store"))
        }
    }

    @Test func anotherStateIsRefusedAndTheLoginGoesOn() async throws {
        let place = try await LoginPlace()
        try await place.logIn { invitation, place in
            let (port, uri) = place.provider.consent(invitation.url)
            for foreign in [uri.replacing("state=", with: "state=x"), "/callback?code=x", "/callback"] {
                #expect(try await place.visit(port, foreign).hasPrefix("HTTP/1.1 400 "))
            }
            #expect(try await place.visit(port, "/favicon.ico").hasPrefix("HTTP/1.1 404 "))
            let posting = try await RawPeer.connect(port: port)
            posting.send("POST \(uri) HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            #expect(try await posting.readToEnd().text.hasPrefix("HTTP/1.1 405 "))
            #expect(try await place.visit(port, uri).hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func theListenerClosesAfterOneAnswer() async throws {
        let place = try await LoginPlace()
        try await place.logIn { invitation, place in
            try await place.agree(invitation)
            let (port, uri) = place.provider.consent(invitation.url)
            // The port is closed a moment after the page is shown.
            while let page = try? await place.visit(port, uri) { #expect(page.hasPrefix("HTTP/1.1 409 ")) }
        }
    }

    @Test func aPageThatIsLoadedTwiceIsAnsweredTwice() async throws {
        let place = try await LoginPlace()
        let (asked, answer) = place.provider.holdTokens()
        try await place.logIn { invitation, place in
            let (port, uri) = place.provider.consent(invitation.url)
            async let first = place.visit(port, uri)
            for await _ in asked { break }
            let second = try await place.visit(port, uri)
            #expect(second.hasPrefix("HTTP/1.1 409 ") && second.contains("Already answered"))
            answer()
            #expect(try await first.contains("Logged in"))
        }
    }

    @Test func aConnectionThatIsOnlyOpenedDoesNoHarm() async throws {
        let place = try await LoginPlace()
        try await place.logIn { invitation, place in
            let early = try await RawPeer.connect(port: invitation.port)
            try await place.agree(invitation)
            early.close()
        }
    }

    @Test func aRefusalOfTheProviderIsShownAsText() async throws {
        let place = try await LoginPlace()
        let failure = await #expect(throws: LoginError.self) {
            try await place.logIn { invitation, place in
                let state = invitation.url.split(separator: "&").first { $0.hasPrefix("state=") } ?? ""
                let uri = "/callback?error=access_denied&error_description=%3Cscript%3E%1B%5D0;x&\(state)"
                let page = try await place.visit(invitation.port, uri)
                #expect(page.contains("Not logged in"))
                #expect(page.contains("&lt;script&gt;"))
                #expect(!page.contains("<script>"))
            }
        }
        let text = failure.map { place.text($0) } ?? ""
        #expect(text.hasPrefix("\(place.provider.issuer) did not let us in: access_denied: <script>"))
        #expect(!text.contains("\u{1b}"))
        #expect(try place.tokens() == nil)
    }

    @Test func aCodeThatTheProviderRefusesIsReported() async throws {
        let place = try await LoginPlace()
        let failure = await #expect(throws: LoginError.self) {
            try await place.logIn { invitation, place in
                let uri = place.provider.consent(invitation.url).uri.replacing("code=", with: "code=x")
                let page = try await place.visit(invitation.port, uri)
                #expect(page.contains("it is &lt;over&gt;"))
            }
        }
        #expect(failure.map { place.text($0).contains("gave no token: invalid_grant: it is <over>") } == true)
    }

    @Test func aLoginTimesOut() async throws {
        let listener = try await CallbackListener.start(port: 0, patience: .milliseconds(10), eventLoop: Tunnel.loop) {
            CallbackQuery($0, state: "s", issuer: "i")
        }
        defer { listener.close() }
        let failure = await #expect(throws: LoginError.self) { _ = try await listener.callback() }
        #expect(failure == .notLoggedIn(seconds: 0))
    }

    @Test func aPortInUseIsReported() async throws {
        let taken = try await RawListener.start()
        var settings = LoginSettings()
        settings.callbackPort = taken.port
        let place = try await LoginPlace(settings: settings)
        let failure = await #expect(throws: LoginError.self) { try await place.logIn() }
        #expect(failure.map { place.text($0).contains("127.0.0.1:\(taken.port)") } == true)
        #expect(failure.map { place.text($0).contains("--oidc-callback-port") } == true)
    }
}
