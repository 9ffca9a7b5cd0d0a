import TPoTInspect
import TPoTWire

/// A text for the clipboard, with its name and a remark for the message about it.
struct CopyText {
    /// Nil if there is nothing to copy.
    private let text: String?
    private let name: String
    private let remark: String?

    init(text: String, name: String, remark: String?) {
        self.text = text
        self.name = name
        self.remark = remark
    }

    init(_ thing: CopiedThing, _ source: any TrafficSource, mask: SecretMask) {
        var remark: String?
        switch thing {
        case .url(let url, nil): (text, name) = (url, "public URL")
        case .url(let url, let number?):
            (text, name) = (mask.url(url), "URL of \(number)")
            remark = mask.remark(url: url)
        case .curl(let number): (text, name) = (nil, "curl command of \(number)")
        case .head(let number, let isResponse):
            name = "\(isResponse ? "response" : "request") head of \(number)"
            let content = source.detail(number)
            text = content.flatMap { RawText.text(isResponse ? .responseHead : .requestHead, of: $0, mask: mask) }
            let head = isResponse ? content?.responseHead : content?.requestHead
            remark = head.flatMap { mask.remark(head: $0) }
        case .body(let number, let isResponse):
            name = "\(isResponse ? "response" : "request") body of \(number)"
            let part = isResponse ? RawText.Part.responseBody : .requestBody
            let content = source.detail(number)
            text = content.flatMap { RawText.text(part, of: $0) }
            remark = content.flatMap { RawText.remark(part, of: $0) }
        }
        self.remark = remark
    }

    /// Copies the text and returns the message about it.
    func copy(to terminal: any DashboardTerminal) async -> DashboardMessage {
        guard let text else { return DashboardMessage("the \(name) is missing or is not text", isFailure: true) }
        let outcome = await terminal.copy(text)
        let failures = outcome.failures.map { "; \($0)" }.joined()
        let done: String
        switch outcome.place {
        case .clipboard: done = "copied"
        case .tmuxBuffer: done = "copied into tmux's buffer"
        case .terminal: done = "sent to the terminal"
        case .nowhere:
            return DashboardMessage("this terminal does not take the \(name)" + failures, isFailure: true)
        }
        let controls = ControlCharacters.remark(ControlCharacters.count(in: text.utf8))
        return DashboardMessage(
            "\(name) \(done)" + (controls.map { ", \($0)" } ?? "") + failures + (remark.map { "; \($0)" } ?? "")
        )
    }
}
