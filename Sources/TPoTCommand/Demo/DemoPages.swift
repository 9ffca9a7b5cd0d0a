/// The pages of the demo's shop.
enum DemoPages {
    static func start(isFixed: Bool) -> String {
        let state =
            isFixed
            ? "The fix is deployed: replay the event (<kbd>r</kbd>) and see."
            : "The handler of <code>invoice.payment_failed</code> fails when <code>amount_due</code> is null."
        let button = isFixed ? ("rollback", "Roll back") : ("deploy", "Deploy the fix")
        return """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>Ada's teas</title>
            <link rel="stylesheet" href="/style.css">
            <img src="/teapot.svg" alt="" width="120">
            <h1>Ada's teas</h1>
            <p>This page came through the tunnel.</p>
            <p>\(state)</p>
            <form method="post" action="/\(button.0)"><button>\(button.1)</button></form>
            <p>See also: <a href="/api/products">products</a>, <a href="/orders/live">orders as they come</a>,
            <a href="/reports/november.csv">a slow report</a>.</p>
            </html>

            """
    }

    static let style = """
        body { font: 1.1rem/1.5 system-ui; max-width: 36rem; margin: 3rem auto; padding: 0 1rem }
        button { font: inherit; padding: .4rem 1rem }

        """

    static let teapot = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 90"><path fill="#4a7" d="M30 35h60l8 12c6-9 14-9 \
        18-6l-3 6c-5-2-8 4-14 16-4 12-12 17-22 17H45C32 80 24 70 24 58 10 56 4 44 10 36s14-5 20-1zm-4 8c-10-6-16 4-2 \
        9zM52 26a8 8 0 1 1 16 0l18 5H34z"/></svg>

        """
}
