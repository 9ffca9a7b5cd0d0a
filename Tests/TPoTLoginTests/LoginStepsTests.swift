import Testing

@testable import TPoTLogin

/// Which credential comes next, after others were tried and refused.
@Suite struct LoginStepsTests {
    private let now: Int64 = 1_800_000_000_000
    private var valid: LoginTokens { tokens(expiresIn: 3_600_000) }
    private var expired: LoginTokens { tokens(expiresIn: -1) }

    private func tokens(_ name: String = "saved", refresh: String? = "r", expiresIn life: Int64) -> LoginTokens {
        LoginTokens(accessToken: name, refreshToken: refresh, expiresAt: now + life)
    }

    @Test func withoutTokensAPersonIsNeeded() {
        var steps = LoginSteps()
        steps.started()
        #expect(steps.next(nil, at: now) == .logIn)
        #expect(steps.next(nil, at: now) == .logIn)
    }

    @Test func aSavedTokenThenARefreshedOneThenAPerson() {
        var steps = LoginSteps()
        steps.started()
        #expect(steps.next(valid, at: now) == .send(accessToken: "saved"))
        #expect(steps.next(valid, at: now) == .refresh(valid, with: "r"))
        #expect(steps.next(valid, at: now) == .logIn)
        // The next attempt starts again with the saved token.
        steps.started()
        #expect(steps.next(valid, at: now) == .send(accessToken: "saved"))
    }

    @Test func anExpiredTokenIsRefreshedFirst() {
        var steps = LoginSteps()
        steps.started()
        #expect(steps.next(expired, at: now) == .refresh(expired, with: "r"))
        #expect(steps.next(expired, at: now) == .logIn)
    }

    @Test func anExpiredTokenWithoutARefreshTokenNeedsAPerson() {
        let bare = tokens(refresh: nil, expiresIn: -1)
        var steps = LoginSteps()
        steps.started()
        #expect(steps.next(bare, at: now) == .logIn)
    }

    @Test func aRefusedRefreshTokenIsNotTriedAgainButAnotherOneIs() {
        var steps = LoginSteps()
        steps.started()
        #expect(steps.next(expired, at: now) == .refresh(expired, with: "r"))
        steps.refreshRefused("r")
        #expect(steps.next(expired, at: now) == .logIn)
        steps.started()
        #expect(steps.next(expired, at: now) == .logIn)
        let later = tokens(refresh: "r2", expiresIn: -1)
        steps.started()
        #expect(steps.next(later, at: now) == .refresh(later, with: "r2"))
    }

    @Test func aRefusedFreshTokenEndsTheAttempt() {
        let fresh = tokens("fresh", expiresIn: 3_600_000)
        var steps = LoginSteps(fresh: fresh)
        for _ in 1...2 {
            steps.started()
            #expect(steps.next(fresh, at: now) == .send(accessToken: "fresh"))
            #expect(steps.next(fresh, at: now) == .giveUp)
        }
    }

    @Test func aFreshTokenIsSentEvenIfItExpiresSoon() {
        let fresh = tokens("fresh", expiresIn: 5000)
        var steps = LoginSteps(fresh: fresh)
        steps.started()
        #expect(steps.next(fresh, at: now) == .send(accessToken: "fresh"))
    }

    @Test func anAcceptedFreshTokenCountsAsSaved() {
        let fresh = tokens("fresh", expiresIn: 3_600_000)
        var steps = LoginSteps(fresh: fresh)
        steps.started()
        #expect(steps.next(fresh, at: now) == .send(accessToken: "fresh"))
        steps.accepted()
        steps.started()
        #expect(steps.next(fresh, at: now) == .send(accessToken: "fresh"))
        #expect(steps.next(fresh, at: now) == .refresh(fresh, with: "r"))
    }
}
