import Testing

@testable import TPoTDashboard

@Suite struct ScreenTests {
    private func drawn(width: Int = 10, height: Int = 1, _ body: (inout Screen) -> Void) -> Screen {
        var screen = Screen(width: width, height: height)
        body(&screen)
        return screen
    }

    @Test func textIsDrawnWithItsRoles() {
        let screen = drawn(width: 16, height: 4) { screen in
            var column = screen.put("tpot", row: 0, column: 1, role: .title)
            column += screen.put("● online", row: 0, column: column + 2, role: .success)
            #expect(column == 12)
            screen.rule(row: 1)
            screen.put("日本 x", row: 2, column: 0, role: .jsonString)
            screen.put("412", row: 3, column: 0, width: 6, role: .dim, align: .right)
            screen.paint(.selectedRow, row: 3, column: 8, width: 4)
        }
        #expect(screen.text == [" tpot ● online", "────────────────", "日本 x", "   412"])
        #expect(screen.roles == [".TTTT.22222222", "----------------", "\"\"\"\"\"\"", "...ddd..SSSS"])
    }

    @Test(arguments: [
        (0, 4, "日本"), (0, 3, "日"), (0, 2, "日"), (0, 1, ""), (-1, 4, " 本"), (-2, 4, "本"), (-3, 9, " 語"),
        (7, 9, "       日"), (8, 9, "        日"), (9, 9, ""), (10, 9, ""),
    ])
    func wideCharactersAreDrawnWholeOrNotAtAll(column: Int, width: Int, text: String) {
        let screen = drawn { $0.put("日本語", row: 0, column: column, width: width) }
        #expect(screen.text == [text])
        for (index, cell) in screen.cells.enumerated() where cell.width == 2 {
            #expect(screen.cell(row: 0, column: index + 1)?.width == 0)
        }
    }

    @Test func overwritingHalfOfAWideCharacterBlanksTheOtherHalf() {
        let base = drawn { $0.put("日本", row: 0, column: 0) }
        var right = base
        right.put("x", row: 0, column: 1)
        #expect(right.text == [" x本"])
        var left = base
        left.put("x", row: 0, column: 2)
        #expect(left.text == ["日x"])
        var both = base
        both.put("語", row: 0, column: 1)
        #expect(both.text == [" 語"])
    }

    @Test(arguments: [
        (Screen.Overflow.cut, "/webhooks"), (.ellipsis, "/webhook…"), (.ellipsisAtStart, "…s/stripe"),
    ])
    func longTextIsCutOrGetsAnEllipsis(overflow: Screen.Overflow, text: String) {
        let screen = drawn { $0.put("/webhooks/stripe", row: 0, column: 0, width: 9, overflow: overflow) }
        #expect(screen.text == [text])
        let whole = drawn { $0.put("/webhooks", row: 0, column: 0, width: 9, overflow: overflow) }
        #expect(whole.text == ["/webhooks"])
    }

    @Test func anEllipsisFitsNextToWideCharacters() {
        let screen = drawn(height: 4) { screen in
            screen.put("日本語", row: 0, column: 0, width: 4, overflow: .ellipsis)
            screen.put("日本語", row: 1, column: 0, width: 5, overflow: .ellipsis)
            screen.put("日本語", row: 2, column: 0, width: 4, overflow: .ellipsisAtStart)
            screen.put("日本語", row: 3, column: 0, width: 1, overflow: .ellipsis)
        }
        #expect(screen.text == ["日…", "日本…", "… 語", "…"])
    }

    @Test(arguments: [(0, "ab日cd"), (1, "b日cd"), (2, "日cd"), (3, " cd"), (4, "cd"), (6, ""), (99, "")])
    func linesScrollSideways(skipping: Int, text: String) {
        let screen = drawn { $0.put("ab日cd", row: 0, column: 0, skipping: skipping) }
        #expect(screen.text == [text])
    }

    @Test func marksStayWithTheirCharacter() {
        let screen = drawn { screen in
            screen.put("ae\u{301}", row: 0, column: 0, width: 2)
            screen.put("\u{302}x", row: 0, column: 2)
        }
        #expect(screen.text == ["ae\u{301} \u{302}x"])
        #expect(screen.cell(row: 0, column: 1)?.marks == ["\u{301}"])
        let many = drawn { $0.put("a" + String(repeating: "\u{301}", count: 50) + "b", row: 0, column: 0) }
        #expect(many.cell(row: 0, column: 0)?.marks.count == 4)
        #expect(many.cell(row: 0, column: 1)?.base == "b")
    }

    @Test func emojiSequencesAreDrawnAsTheirParts() {
        let screen = drawn(height: 3) { screen in
            screen.put("👨\u{200d}👩\u{200d}👧!", row: 0, column: 0)
            screen.put("👍🏽❤\u{fe0f}🇩🇪", row: 1, column: 0)
            screen.put("🇩🇪🇫🇷", row: 2, column: 0, width: 3)
        }
        #expect(screen.text == ["👨👩👧!", "👍❤🇩🇪", "🇩🇪"])
    }

    @Test func noControlCharacterBecomesACell() {
        let screen = drawn(width: 80) { screen in
            screen.put("\u{1b}]52;c;eA==\u{7}\u{9b}31m\t\r\n\u{202e}x\u{200b}", row: 0, column: 0)
            screen.fill(row: 0, column: 40, width: 3, with: "\u{1b}")
        }
        #expect(screen.text == ["�]52;c;eA==��31m����x�" + String(repeating: " ", count: 18) + "���"])
    }

    @Test func drawingIsSafeAtAnySizeAndPlace() {
        for width in [-1, 0, 1, 2, 3] {
            for height in [-1, 0, 1] {
                var screen = Screen(width: width, height: height)
                for place in [Int.min, -2, -1, 0, 1, 2, 3, Int.max] {
                    for count in [Int.min, -1, 0, 1, 2, Int.max] {
                        screen.put("日e\u{301}x", row: place, column: 0, width: count)
                        screen.put("日x", row: 0, column: place, width: count, align: .right, overflow: .ellipsis)
                        screen.put(
                            "日x",
                            row: 0,
                            column: place,
                            width: count,
                            overflow: .ellipsisAtStart,
                            skipping: count
                        )
                        screen.fill(row: place, column: place, width: count, height: count)
                        screen.rule(row: place, column: place, width: count)
                        screen.paint(.held, row: 0, column: place, width: count)
                    }
                }
                #expect(screen.cells.count == max(width, 0) * max(height, 0))
                #expect(screen.cell(row: .max, column: .min) == nil)
                #expect(screen.row(-1).isEmpty)
            }
        }
    }

    @Test func hugeSizesAreClamped() {
        #expect(Screen(width: 65535, height: 65535).size == Screen.largest)
    }

    @Test func paintingCoversBothHalvesOfAWideCharacter() {
        let screen = drawn { screen in
            screen.put("日本", row: 0, column: 0)
            screen.paint(.searchHit, row: 0, column: 1, width: 2)
        }
        #expect(screen.roles == ["////"])
    }

    @Test func screensAreEqualIfCellsAndCursorAre() {
        let one = drawn { $0.put("a", row: 0, column: 0) }
        #expect(one == drawn { $0.put("a", row: 0, column: 0) })
        #expect(one != drawn { $0.put("a", row: 0, column: 0, role: .dim) })
        var typed = one
        typed.cursor = ScreenPosition(row: 0, column: 1)
        #expect(one != typed)
    }

    @Test func everyRoleHasItsOwnLetter() {
        #expect(Set(StyleRole.allCases.map(\.letter)).count == StyleRole.allCases.count)
    }
}
