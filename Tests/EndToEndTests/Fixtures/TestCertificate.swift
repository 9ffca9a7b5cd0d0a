import NIOSSL

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A self-signed certificate. Its key protects nothing.
struct TestCertificate: Sendable {
    /// For `localhost`, valid for a hundred years.
    static let valid = TestCertificate(
        pem: """
            -----BEGIN CERTIFICATE-----
            MIIBlDCCATugAwIBAgIUIjI5IS9lOvoL0WKs1rwE2Byt5zkwCgYIKoZIzj0EAwIw
            FDESMBAGA1UEAwwJdHBvdCB0ZXN0MCAXDTI2MTEyNDA1MjcxN1oYDzIxMjYxMDMx
            MDUyNzE3WjAUMRIwEAYDVQQDDAl0cG90IHRlc3QwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAARkJTw5mYVH3uvKGTA+miuYLzih9sh3TXNti8c3pVD03ZAW3qAaHQo0
            aaJOigCCGbIKpIz1vCDqP4dolxAY/LtEo2kwZzAdBgNVHQ4EFgQUZMDmCp+4kSMW
            vsOADplj1a5gkt4wHwYDVR0jBBgwFoAUZMDmCp+4kSMWvsOADplj1a5gkt4wDwYD
            VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
            RwAwRAIgGBft7ir6uVQ5H7fF4/k5s6oahjdlTh/T2GllYIKa7b8CICvb/6DQrrJi
            N2FCjZS6nbmKdF5g0F9QWJ+rCrZjmtuV
            -----END CERTIFICATE-----

            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFDvzxBKTcCM0bMpN
            FLazTy8KM/ZqVkkGM81BTKNzGw6hRANCAARkJTw5mYVH3uvKGTA+miuYLzih9sh3
            TXNti8c3pVD03ZAW3qAaHQo0aaJOigCCGbIKpIz1vCDqP4dolxAY/LtE
            -----END PRIVATE KEY-----

            """
    )

    /// For `elsewhere.example`.
    static let wrongName = TestCertificate(
        pem: """
            -----BEGIN CERTIFICATE-----
            MIIBnTCCAUOgAwIBAgIUQYliCFjH6lWDHY9DlidTaxMyMSYwCgYIKoZIzj0EAwIw
            FDESMBAGA1UEAwwJdHBvdCB0ZXN0MCAXDTI2MTEyNzAwMzE0M1oYDzIxMjYxMTAz
            MDAzMTQzWjAUMRIwEAYDVQQDDAl0cG90IHRlc3QwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAATXw3eQLzPK0h0Qki4El/H9ftqM2vQho3y/fALAATDmjWoWXybm9U2/
            mgKwANKckw7pFyjcbMcQY0afxRJbEzELo3EwbzAdBgNVHQ4EFgQUDZC6uUU8rGR4
            FmdoLhTmY3t9UFUwHwYDVR0jBBgwFoAUDZC6uUU8rGR4FmdoLhTmY3t9UFUwDwYD
            VR0TAQH/BAUwAwEB/zAcBgNVHREEFTATghFlbHNld2hlcmUuZXhhbXBsZTAKBggq
            hkjOPQQDAgNIADBFAiBLtFqnI/XzbiRhI3bHWPeaxb7TVrmuNkFj4mxFJHbrOgIh
            AOuIIAfo1QQIIR6WhfVQ1pOTKitPKWscR2/iNGfnHoEY
            -----END CERTIFICATE-----

            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqbFYQtQf9AUJpxoI
            q+OBMijoQyKz8icQdJF1fFibv+6hRANCAATXw3eQLzPK0h0Qki4El/H9ftqM2vQh
            o3y/fALAATDmjWoWXybm9U2/mgKwANKckw7pFyjcbMcQY0afxRJbEzEL
            -----END PRIVATE KEY-----

            """
    )

    /// For `localhost`, expired in 2020.
    static let expired = TestCertificate(
        pem: """
            -----BEGIN CERTIFICATE-----
            MIIBXjCCAQWgAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAl0cG90IHRl
            c3QwHhcNMjAwMTAxMDAwMDAwWhcNMjAwMTAyMDAwMDAwWjAUMRIwEAYDVQQDDAl0
            cG90IHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATW+xoKHWVt/PBgl4M5
            hDHsFO3unS3uqdHgsKj1MJLUP9wKIuUcvh7LeDU0FANS0wwT6fyh7vgesT3uAJZO
            3xUso0gwRjAdBgNVHQ4EFgQU5Py99wS1fkEIZFcP4X4jyZKmx+AwDwYDVR0TAQH/
            BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwIDRwAwRAIg
            FeVDFxtE9vkyALWxmldS+WPm1k0EUByaXuBlPfv4kdcCICADw2aCrZwIwslrPNBO
            ED7MREL2onQjSe6gjISehdA4
            -----END CERTIFICATE-----

            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxfP0UiMf9J7PWuwa
            jCtRFwwPn20vyeGt5bVtHw4BTWOhRANCAATW+xoKHWVt/PBgl4M5hDHsFO3unS3u
            qdHgsKj1MJLUP9wKIuUcvh7LeDU0FANS0wwT6fyh7vgesT3uAJZO3xUs
            -----END PRIVATE KEY-----

            """
    )

    let pem: String
    private let key: String

    static var pem: String { valid.pem }

    /// - Parameter onName: called with the server name that a client sends (SNI).
    static func serverContext(onName: (@Sendable (String?) -> Void)? = nil) throws -> NIOSSLContext {
        try valid.serverContext { configuration in
            guard let onName else { return }
            configuration.sslContextCallback = { values, promise in
                onName(values.serverHostname)
                promise.succeed(.noChanges)
            }
        }
    }

    /// Writes the certificate to a file for as long as `body` runs.
    static func withFile<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        try await withFile(of: [valid], body)
    }

    static func withFile<Result>(
        of certificates: [TestCertificate],
        _ body: (String) async throws -> Result
    ) async throws -> Result {
        let path = "\(FileManager.default.temporaryDirectory.path)/tpot-test-\(UInt64.random(in: 0 ... .max)).pem"
        try Data(certificates.map(\.pem).joined().utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }

    /// - Parameter change: changes the default TLS configuration of a server.
    func serverContext(_ change: (inout TLSConfiguration) -> Void = { _ in }) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        )
        change(&configuration)
        return try NIOSSLContext(configuration: configuration)
    }
}
