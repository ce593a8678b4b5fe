// swift-tools-version: 6.2
import PackageDescription

/// Settings shared by every Swift target: the language mode is 6 for all (tools version), warnings stop the build.
let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// A Swift library target. `dependencies` are what the compiler lets it import: give it no more than it needs.
func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// The tests of the target of the same name.
func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .testTarget(
    name: name + "Tests",
    dependencies: [.byName(name: name), "SeededInput"] + dependencies,
    exclude: exclude,
    swiftSettings: swiftSettings)
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")

let package = Package(
  name: "cicerone",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "cicerone", targets: ["cicerone"]),
    .library(name: "Chunking", targets: ["Chunking"]),
    .library(name: "SearchIndex", targets: ["SearchIndex", "Workspace", "Embeddings"]),
    .library(name: "Router", targets: ["Router", "Providers", "Ledger", "HTTPTransport", "CurlTransport"]),
    .library(name: "Tokenization", targets: ["Tokenization"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: [
    // Ground: C code and the libraries of the system.
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .target(name: "CVectorKernels", cSettings: [.unsafeFlags(["-O3"])]),
    .target(name: "CAllocator"),
    .target(name: "CProcess"),
    .target(name: "CTextKernels", cSettings: [.unsafeFlags(["-O3"])]),
    .target(name: "CBytePairs", cSettings: [.unsafeFlags(["-O3"])]),
    .target(
      name: "CEmbeddedData",
      exclude: ["data"],
      cSettings: [.headerSearchPath("data")]),

    // Ground: protocols and transports.
    library("JSONRPC"),
    library("HTTPTransport"),
    library("CurlTransport", ["HTTPTransport", "CCurl"]),
    library("SQLiteKit", ["CSQLite"]),

    // Corpus and index.
    library("Workspace"),
    library("Chunking", ["CTextKernels"]),
    library("Embeddings", ["CVectorKernels", "CEmbeddedData"]),
    library(
      "SearchIndex",
      ["Workspace", "Chunking", "Embeddings", "SQLiteKit", "CVectorKernels", "CTextKernels", "CAllocator"]),

    // Models.
    library("Tokenization", ["CBytePairs", "CEmbeddedData"]),
    library("Ledger", ["CEmbeddedData"]),
    library("Providers", ["HTTPTransport", "Ledger", crypto]),
    library("Router", ["Providers", "Ledger", "HTTPTransport", "Configuration", logging, metrics]),

    // Engine and faces.
    library("Configuration", ["CYAML", "HTTPTransport"]),
    library(
      "Assistant",
      [
        "SearchIndex", "Embeddings", "SQLiteKit", "Workspace", "Chunking", "Router", "Providers", "Ledger",
        "Tokenization",
        "Configuration", "HTTPTransport",
        "Tokenization", "Configuration", "HTTPTransport",
      ]),
    library("LanguageServer", ["JSONRPC", "Assistant", "Workspace", "CProcess"]),
    .executableTarget(
      name: "cicerone",
      dependencies: [
        "LanguageServer", "JSONRPC", "Assistant", "SearchIndex", "Workspace", "Router", "Providers", "Ledger",
        "Configuration",
        "HTTPTransport", "CurlTransport", logging,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),

    tests("SQLiteKit"),
    .testTarget(name: "CVectorKernelsTests", dependencies: ["CVectorKernels"], swiftSettings: swiftSettings),
    .testTarget(
      name: "CTextKernelsTests", dependencies: ["CTextKernels", "SeededInput"], swiftSettings: swiftSettings),
    .testTarget(
      name: "EmbeddingsTests", dependencies: ["Embeddings", "TestEmbedder"], resources: [.copy("Fixtures")],
      swiftSettings: swiftSettings),
    tests("JSONRPC"),
    // Random input that a seed decides.
    .target(name: "SeededInput", path: "Tests/Support/SeededInput", swiftSettings: swiftSettings),
    tests("LanguageServer", ["JSONRPC", "Assistant", "Workspace"]),
    // Tests of the network and of models.
    .target(name: "TestHTTPServer", path: "Tests/Support/TestHTTPServer", swiftSettings: swiftSettings),
    tests("HTTPTransport"),
    tests("CurlTransport", ["HTTPTransport", "TestHTTPServer"]),
    tests("Ledger"),
    tests("Workspace"),
    // Tests.
    tests("Chunking"),
    tests("Providers", ["HTTPTransport", "CurlTransport", "Ledger", "TestHTTPServer"], exclude: ["Fixtures"]),
    tests("Configuration", ["HTTPTransport"]),
    tests(
      "Router",
      [
        "Configuration", "Providers", "HTTPTransport", "CurlTransport", "Ledger", "TestHTTPServer", logging, metrics,
      ]),
    // Tests of the index, of answers and of counting.
    tests(
      "Assistant",
      [
        "SearchIndex", "Workspace", "Chunking", "Providers", "Embeddings", "Router", "Ledger", "Configuration",
        "HTTPTransport", "CurlTransport", "TestHTTPServer", "TestEmbedder",
        "HTTPTransport", "CurlTransport", "TestHTTPServer", "TestEmbedder", "Tokenization",
      ]),
    tests("SearchIndex", ["Workspace", "Chunking", "Embeddings", "SQLiteKit", "CVectorKernels", "TestEmbedder"]),
    .testTarget(
      name: "TokenizationTests", dependencies: ["Tokenization", "CBytePairs", "CEmbeddedData", "SeededInput"],
      resources: [.copy("Fixtures")],
      swiftSettings: swiftSettings),
    // An embedder that does what a test says.
    .target(
      name: "TestEmbedder", dependencies: ["Embeddings"], path: "Tests/Support/TestEmbedder",
      swiftSettings: swiftSettings),
    // The built program, as a shell and an editor see it.
    .testTarget(
      name: "EndToEndTests", dependencies: ["cicerone", "SeededInput", "TestHTTPServer"], swiftSettings: swiftSettings),
    // Servers that nobody here wrote.
    .testTarget(
      name: "PeerTests",
      dependencies: ["Router", "Providers", "Ledger", "Configuration", "HTTPTransport", "CurlTransport"],
      swiftSettings: swiftSettings),
  ]
)
