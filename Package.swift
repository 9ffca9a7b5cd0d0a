// swift-tools-version: 6.2
import PackageDescription

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioLocks = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

// Exact versions, because Package.resolved is not kept in the repository.
let package = Package(
    name: "tpot",
    products: [
        .executable(name: "tpot", targets: ["tpot"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
    ],
    // A target exists to forbid an import: the tunnel cannot reach what captures it, nor the dashboard the tunnel.
    targets: [
        // Bytes and text, pure: no sockets, no clock, no files.
        .target(
            name: "TPoTWire",
            dependencies: [nioCore, crypto, .product(name: "CryptoExtras", package: "swift-crypto")]
        ),
        // Events that report the traffic, and their bus.
        .target(name: "TPoTTraffic", dependencies: ["TPoTWire", nioCore, nioLocks]),
        // Opens a connection to a server, through a proxy and with TLS. Its errors say why that failed.
        .target(
            name: "TPoTNetwork",
            dependencies: [
                "TPoTWire", nioCore, nioLocks, nioPosix, nioHTTP1, nioSSL, logging, system,
                .product(name: "NIOTLS", package: "swift-nio"),
            ]
        ),
        // The tunnel, both ends.
        .target(
            name: "TPoTTunnel",
            dependencies: [
                "TPoTWire", "TPoTTraffic", "TPoTNetwork", nioCore, nioLocks, nioPosix, nioHTTP1, nioSSL, deque, logging,
                .product(name: "NIOTLS", package: "swift-nio"),
                nioWebSocket,
            ]
        ),
        // What was seen.
        .target(
            name: "TPoTCapture",
            dependencies: [
                "TPoTWire", "TPoTTraffic", nioCore, nioLocks, deque,
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ]
        ),
        // What it means.
        .target(name: "TPoTInspect", dependencies: ["TPoTWire", "TPoTCapture", "CZlib", nioCore, crypto]),
        // A login with OpenID Connect, and the file that keeps it.
        .target(
            name: "TPoTLogin",
            dependencies: [
                "TPoTWire", "TPoTNetwork", "TPoTSystem", nioCore, nioLocks, nioPosix, nioHTTP1, nioSSL, crypto,
            ]
        ),
        // Files, processes and threads of the operating system.
        .target(
            name: "TPoTSystem",
            dependencies: ["CGlibc", system]
        ),
        // What was seen, kept in a file.
        .target(
            name: "TPoTHistory",
            dependencies: ["TPoTWire", "TPoTTraffic", "TPoTCapture", "TPoTSystem", "CSQLite", nioCore, nioLocks]
        ),
        // How other programs look at a running tunnel and control it.
        .target(
            name: "TPoTControl",
            dependencies: [
                "TPoTWire", "TPoTTraffic", "TPoTCapture", "TPoTHistory", "TPoTSystem", nioCore, nioLocks, nioPosix,
                nioHTTP1,
            ]
        ),
        // The dashboard without a terminal.
        .target(
            name: "TPoTDashboard",
            dependencies: ["TPoTWire", "TPoTTraffic", "TPoTCapture", "TPoTInspect", nioCore, deque]
        ),
        // The only one that knows ncurses.
        .target(name: "TPoTTerminal", dependencies: ["TPoTDashboard", "TPoTSystem", "CNCurses"]),
        // The command line: settings, the printer, the words for people, and what connects all of the above.
        .target(
            name: "TPoTCommand",
            dependencies: [
                "TPoTWire", "TPoTTraffic", "TPoTNetwork", "TPoTTunnel", "TPoTCapture", "TPoTInspect", "TPoTLogin",
                "TPoTSystem", "TPoTHistory", "TPoTControl", "TPoTDashboard",
                "TPoTTerminal", "CGlibc", argumentParser, logging, nioCore, nioLocks, nioPosix, nioHTTP1, nioWebSocket,
            ]
        ),
        .executableTarget(name: "tpot", dependencies: ["TPoTCommand"]),

        .systemLibrary(name: "CNCurses", providers: [.apt(["libncurses-dev"]), .brew(["ncurses"])]),
        .systemLibrary(name: "CGlibc"),
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),

        // What more than one test target needs.
        .target(
            name: "TestSupport",
            dependencies: [
                "TPoTInspect", "TPoTSystem", "TPoTTraffic", "TPoTWire", nioCore, nioLocks, nioPosix, nioSSL,
            ],
            path: "Tests/TestSupport"
        ),
        .testTarget(name: "TPoTWireTests", dependencies: ["TPoTWire", "TestSupport"], exclude: ["Vectors"]),
        .testTarget(name: "TPoTTrafficTests", dependencies: ["TPoTTraffic", "TestSupport"]),
        .testTarget(name: "TPoTTunnelTests", dependencies: ["TPoTTunnel", "TestSupport", nioEmbedded, nioPosix]),
        .testTarget(name: "TPoTCaptureTests", dependencies: ["TPoTCapture", "TestSupport"]),
        .testTarget(name: "TPoTInspectTests", dependencies: ["TPoTInspect", "TestSupport"]),
        .testTarget(name: "TPoTHistoryTests", dependencies: ["TPoTHistory", "TPoTInspect", "TestSupport", "CSQLite"]),
        .testTarget(
            name: "TPoTControlTests",
            dependencies: [
                "TPoTControl", "TPoTCapture", "TPoTInspect", "TPoTTraffic", "TestSupport", nioCore, nioHTTP1, nioLocks,
            ]
        ),
        .testTarget(name: "TPoTLoginTests", dependencies: ["TPoTLogin", "TestSupport"]),
        .testTarget(name: "TPoTSystemTests", dependencies: ["TPoTSystem", "TestSupport"]),
        .testTarget(
            name: "TPoTDashboardTests",
            dependencies: ["TPoTDashboard", "TestSupport", nioCore, nioLocks],
            exclude: ["Pictures"]
        ),
        // These run the program, so it has to be built.
        .testTarget(
            name: "TPoTTerminalTests",
            dependencies: ["tpot", "TPoTCommand", "TPoTTerminal", "TestSupport", nioCore, nioLocks]
        ),
        .testTarget(
            name: "TPoTCommandTests",
            dependencies: [
                "tpot", "TPoTCommand", "TPoTControl", "TPoTHistory", "TestSupport", argumentParser, logging, nioCore,
                nioLocks,
            ]
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "tpot", "TPoTCommand", "TPoTControl", "TestSupport", crypto, logging, nioLocks, nioCore, nioPosix,
                nioSSL,
            ]
        ),
        .target(name: "AllocationCounter", path: "Tests/Benchmarks/AllocationCounter"),
        .executableTarget(
            name: "tpot-microbenchmarks",
            dependencies: ["AllocationCounter", "TPoTTunnel", "TPoTInspect", nioCore, nioLocks, nioPosix],
            path: "Tests/Benchmarks/Microbenchmarks"
        ),
    ],
    swiftLanguageModes: [.v6]
)

// A warning in our own code is an error, here and in every build.
for target in package.targets where target.type != .system {
    target.swiftSettings = [.treatAllWarnings(as: .error)]
    // Each folder of Sources has one.
    if target.path == nil, target.type != .test { target.exclude.append("README.md") }
}
