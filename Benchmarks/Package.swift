// swift-tools-version: 6.2
import PackageDescription

/// What measures stands apart from what ships: nothing here is built with the product.
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "cicerone", path: "..")],
  targets: [
    .executableTarget(name: "chunk-dump", dependencies: [.product(name: "Chunking", package: "cicerone")]),
    .executableTarget(name: "token-run", dependencies: [.product(name: "Tokenization", package: "cicerone")]),
    .executableTarget(name: "retrieval-run", dependencies: [.product(name: "SearchIndex", package: "cicerone")]),
    .executableTarget(
      name: "performance",
      dependencies: [
        .product(name: "SearchIndex", package: "cicerone"), .product(name: "Chunking", package: "cicerone"),
      ]),
    .executableTarget(name: "reembedding-run", dependencies: [.product(name: "SearchIndex", package: "cicerone")]),
    .executableTarget(name: "routing-run", dependencies: [.product(name: "Router", package: "cicerone")]),
  ]
)
