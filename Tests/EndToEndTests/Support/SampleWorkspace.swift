import Foundation

/// A small project in several languages, with everything in it that makes indexing difficult.
enum SampleWorkspace {
  /// A value that must never be seen anywhere.
  static let secret = "zq7Vt0Kp3LxW9sYdRb2NcHf6"

  static func write(to scratch: Scratch) throws {
    for (path, text) in files { try scratch.write(path, text) }
    let windows = crlfText.replacingOccurrences(of: "\n", with: "\r\n")
    try scratch.write("windows/Registry.cs", windows)
    try scratch.write("legacy/latin1.c", bytes: Array("/* Gr".utf8) + [0xFC, 0xDF] + Array(legacyText.utf8))
    try scratch.write("huge.txt", String(repeating: "hugefileword lorem ipsum dolor sit amet\n", count: 60_000))
    try scratch.write("empty.py", "")
    try scratch.write("assets/logo.png", bytes: [0x89, 0x50, 0x4E, 0x47, 0, 0, 0, 1])
    try scratch.write("build/generated.swift", "func ignoredbuildword() {}\n")
    try scratch.write("debug.log", "ignoredlogword\n")
    try scratch.write(".gitignore", "build/\n*.log\n")
    try scratch.write(".env", "DATABASE_PASSWORD=\(secret)\n")
    try scratch.write(".git/HEAD", "ref: refs/heads/main\n")
    try FileManager.default.createSymbolicLink(atPath: "\(scratch.workspace)/src/loop", withDestinationPath: "..")
  }

  /// The paths of the files that are to be indexed.
  static var indexed: Set<String> { Set(files.keys).union(["windows/Registry.cs", "legacy/latin1.c", ".gitignore"]) }

  static let files: [String: String] = [
    "src/OrbitPlanner.swift": """
    /// Plans the orbit of a satellite around its planet.
    struct OrbitPlanner {
      let gravity: Double

      /// Computes the burn that raises the apoapsis to a given altitude.
      ///
      /// The burn happens at periapsis, where it costs the least fuel.
      func raiseApoapsis(to altitude: Double) -> Double {
        let target = altitude + 6_371
        return (gravity * target).squareRoot()
      }

      /// Waits for the next launch window.
      func nextLaunchWindow(after time: Double) -> Double {
        time + 86_164
      }
    }

    """,
    "lib/ledger.py": """
    class Ledger:
        \"\"\"Keeps reservations of money until they are settled.\"\"\"

        def __init__(self):
            self.reserved = {}

        def reserve(self, key, amount):
            \"\"\"Takes money aside before a payment leaves.\"\"\"
            if key in self.reserved:
                raise ValueError("reserved twice")
            self.reserved[key] = amount

        def settle(self, key, actual):
            \"\"\"Gives back what a payment did not need.\"\"\"
            return self.reserved.pop(key) - actual

    """,
    "web/retry.ts": """
    /** Waits longer after each failure, with jitter so that clients do not come back together. */
    export function backoff(attempt: number): number {
      const base = Math.min(30_000, 100 * 2 ** attempt);
      return base / 2 + Math.random() * (base / 2);
    }

    export const greeting = "🚀🛰️ launch: 名前 𝒳 astralword"; // rocket

    """,
    "cmd/queue/main.go": """
    package main

    // Queue hands out jobs in the order of their priority.
    type Queue struct {
    \tjobs []string
    }

    // Push adds a job and wakes one worker that sleeps.
    func (q *Queue) Push(job string) {
    \tq.jobs = append(q.jobs, job)
    }

    func main() {}

    """,
    "docs/guide.md": """
    # Guide

    ## Installing the groundstation

    Put the antenna on the roof. Then connect the receiver to the telemetry port.

    ## Calibrating the antenna

    Point the antenna at a geostationary satellite, and turn it until the signal is strongest.

    """,
    "config/service.yaml": """
    service:
      name: groundstation
      port: 8088

    """,
  ]

  static let crlfText = """
    namespace Windows
    {
        /// <summary>Reads values of the registry hive 🗝 for the installer.</summary>
        public class RegistryReader
        {
            public string ReadHive(string key)
            {
                return "𝒳𝒴 crlfword " + key;
            }
        }
    }

    """

  static let legacyText = """
    e aus M\u{00FC}nchen */
    #include <stdio.h>

    /* Prints the checksum of a punched card. */
    int punched_card_checksum(const char *card) {
      int sum = 0;
      while (*card) sum += *card++;
      return sum;
    }

    """
}
