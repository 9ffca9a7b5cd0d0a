/// The whole picture: each region is drawn by a view of its own.
package enum DashboardView {
    package static func draw(_ picture: DashboardPicture) -> Screen {
        var screen = Screen(picture.state.size)
        let layout = picture.layout
        guard !layout.isTiny else {
            TinyView.draw(picture, on: &screen)
            return screen
        }
        HeaderView.draw(picture, on: &screen)
        TotalsView.draw(picture, on: &screen)
        TabLineView.draw(picture, on: &screen)
        switch picture.state.list {
        case .requests: RequestTableView.draw(picture, on: &screen)
        case .conversations: ConversationTableView.draw(picture, on: &screen)
        case .log: LogView.draw(picture, on: &screen)
        }
        DetailTitleView.draw(picture, on: &screen)
        DocumentView.draw(picture, on: &screen)
        HelpBarView.draw(picture, on: &screen)
        switch picture.state.overlay {
        case .help(let top): HelpView.draw(from: top, on: &screen)
        case .qrCode: QRView.draw(picture, on: &screen)
        case nil: break
        }
        // Last, so that its cursor stands where the text is typed.
        PromptView.draw(picture, on: &screen)
        return screen
    }
}
