import NIOSSL

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A certificate for `localhost` that signs itself, good for a hundred years; its key protects nothing.
enum TestCertificate {
    static let pem = """
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

        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFDvzxBKTcCM0bMpN
        FLazTy8KM/ZqVkkGM81BTKNzGw6hRANCAARkJTw5mYVH3uvKGTA+miuYLzih9sh3
        TXNti8c3pVD03ZAW3qAaHQo0aaJOigCCGbIKpIz1vCDqP4dolxAY/LtE
        -----END PRIVATE KEY-----

        """

    /// - Parameter onName: called with the name that a client asks for (SNI).
    static func serverContext(onName: (@Sendable (String?) -> Void)? = nil) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        )
        if let onName {
            configuration.sslContextCallback = { values, promise in
                onName(values.serverHostname)
                promise.succeed(.noChanges)
            }
        }
        return try NIOSSLContext(configuration: configuration)
    }

    /// Writes the certificate to a file for as long as `body` runs.
    static func withFile<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let path = "\(FileManager.default.temporaryDirectory.path)/tpot-test-\(UInt64.random(in: 0 ... .max)).pem"
        try Data(pem.utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }
}
