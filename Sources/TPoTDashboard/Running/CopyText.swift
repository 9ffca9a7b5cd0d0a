import TPoTTraffic

/// A text for the clipboard, or why there is none.
struct CopyText {
    private let text: String?
    private let name: String
    private let remark: String?

    init(text: String, name: String, remark: String?) {
        self.text = text
        self.name = name
        self.remark = remark
    }

    init(_ thing: CopiedThing, _ source: any TrafficSource) {
        remark = nil
        switch thing {
        case .url(let url): (text, name) = (url, "URL")
        case .curl(let number): (text, name) = (nil, "curl command of \(number)")
        case .head(let number, let isResponse):
            let content = source.detail(number)
            let head = isResponse ? content?.responseHead : content?.sentRequestHead ?? content?.requestHead
            text = head.map(HeadLines.plainText)
            name = "\(isResponse ? "response" : "request") head of \(number)"
        case .body(let number, let isResponse):
            name = "\(isResponse ? "response" : "request") body of \(number)"
            guard let content = source.detail(number) else {
                text = nil
                return
            }
            let head = isResponse ? content.responseHead : content.requestHead
            let body = DecodedBody(isResponse ? content.responseBody : content.requestBody, head: head)
            text = body.isStillCoded || body.bytes.isEmpty ? nil : String(validating: body.bytes, as: UTF8.self)
        }
    }

    func copied(to terminal: any DashboardTerminal) -> DashboardMessage {
        guard let text else { return DashboardMessage("the \(name) is no text or not there", isFailure: true) }
        guard terminal.copy(text) else {
            return DashboardMessage("this terminal does not take the \(name)", isFailure: true)
        }
        return DashboardMessage("\(name) copied" + (remark.map { "; \($0)" } ?? ""))
    }
}
