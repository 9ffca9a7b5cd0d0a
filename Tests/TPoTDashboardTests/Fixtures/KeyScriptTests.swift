import Testing

@testable import TPoTDashboard

@Suite struct KeyScriptTests {
    @Test func charactersAndNamesBecomeKeys() throws {
        let keys = try KeyScript.keys("jj<enter>/5xx<enter><esc><c-c><wheel-down>G<s-tab><lt><space>ü>")
        #expect(
            keys == [
                .character("j"), .character("j"), .enter, .character("/"), .character("5"), .character("x"),
                .character("x"), .enter, .escape, .ctrl("c"), .mouse(row: 0, column: 0, kind: .wheelDown),
                .character("G"),
                .backTab, .character("<"), .character(" "), .character("ü"), .character(">"),
            ]
        )
    }

    @Test func namesMayHaveArguments() throws {
        let keys = try KeyScript.keys(
            "<click:3,10><wheel-up:0,1><resize:80x24><paste:a b:c><resumed><terminate><hangup>"
        )
        #expect(
            keys == [
                .mouse(row: 3, column: 10, kind: .click), .mouse(row: 0, column: 1, kind: .wheelUp),
                .resize(width: 80, height: 24), .paste("a b:c"), .resumed, .terminate, .hangUp,
            ]
        )
    }

    @Test(arguments: ["<nothing>", "<enter", "<>", "<c-xy>", "<click:3>", "<resize:ax24>", "<click:1,2,3>"])
    func unknownNamesAreErrors(script: String) {
        #expect(throws: KeyScriptError.self) { try KeyScript.keys(script) }
    }
}
