import TPoTLogin
import TPoTWire

extension LoginInvitation {
    /// Asks the user to log in: with lines on standard error, and by opening the page in a browser.
    func show(in environment: [String: String]) {
        let isOpening = Browser.open(url)
        var lines = [
            "tpot: \(server) wants you to log in at \(VisibleText.line(issuer))",
            isOpening ? "A browser should open. If none does, visit" : "In a browser, visit", "", "  \(url)", "",
        ]
        if environment["SSH_CONNECTION"] != nil {
            lines.insert(
                "Over SSH the browser finds its way back with: ssh -L \(port):127.0.0.1:\(port) …"
                    + " (--oidc-callback-port chooses the port)",
                at: 2
            )
        }
        for line in lines { ErrorLines.standard.print(line) }
    }
}
