import Foundation

/// The memory of this process as the kernel counts it, in MB of 10⁶ bytes.
struct Memory {
  /// Resident now.
  var resident: Double
  /// The most that was ever resident.
  var peak: Double

  /// The memory at this moment; zeros where there is no `/proc`.
  static var now: Memory {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    func megabytes(_ field: String) -> Double {
      let line = status.split(separator: "\n").first { $0.hasPrefix(field) }
      let number = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
      return Double(number ?? "0").map { $0 * 1024 / 1e6 } ?? 0
    }
    return Memory(resident: megabytes("VmRSS:"), peak: megabytes("VmHWM:"))
  }
}
