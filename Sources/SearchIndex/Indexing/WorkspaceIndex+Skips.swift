internal import Workspace

/// What single changes do to the counts of what is left out.
extension WorkspaceIndex {
  /// Brings the ledger up to date for paths that may have changed, appeared or vanished.
  static func note(_ paths: some Sequence<String>, in ledger: inout SkipLedger, rules: IgnoreRules) {
    for path in paths {
      switch rules.look(path) {
      case .gone:
        ledger.set(path, nil)
        ledger.removeContents(of: path)
      case .file: ledger.set(path, nil)
      case .directory:
        // A directory stands for all that is in it; its files are read again, so that those which are left out for
        // what they hold count as files.
        ledger.set(path, nil)
        ledger.removeContents(of: path)
        for (path, reason) in rules.leftOut(below: path) { ledger.set(path, reason) }
      case .leftOut(let outermost, let reason, let isDirectory):
        // A directory counts once, whatever it holds.
        ledger.set(outermost, reason)
        if isDirectory { ledger.removeContents(of: outermost) }
      case .uncounted: break
      }
    }
  }
}
