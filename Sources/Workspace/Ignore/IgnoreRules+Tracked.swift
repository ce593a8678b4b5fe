extension IgnoreRules {
  /// The files of the folder's own repository that git tracks although its rules ignore them, whether they are there or
  /// not. Discovery finds them; they have to be known by name to be noticed when they come back.
  ///
  /// - Parameter isKnown: whether a relative path is known already: such files are not asked about.
  public func trackedFiles(in root: FileURI, besides isKnown: (String) -> Bool) -> Set<String> {
    let folder = root.pathBytes == [0x2F] ? [0x2F] : root.pathBytes + [0x2F]
    guard let repository = GitRepository.top(around: folder),
      let directory = GitRepository.gitDirectory(of: repository),
      let content = try? FileReader.read(path: directory + Array("/index".utf8), limit: 1 << 30)
    else { return [] }
    let inner = folder[repository.count...]
    var result: Set<String> = []
    _ = GitIndex.forEachFile(content.bytes) { path in
      guard path.starts(with: inner) else { return }
      let relative = Array(path.dropFirst(inner.count))
      let name = String(decoding: relative, as: UTF8.self)
      guard !isKnown(name), skipReason(relativeBytes: relative, isDirectory: false) == .ignored,
        skipReason(relativeBytes: relative, isDirectory: false, isTracked: true) == nil
      else { return }
      result.insert(name)
    }
    return result
  }
}
