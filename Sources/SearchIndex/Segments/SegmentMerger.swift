/// Makes one segment of several, without reading any file again.
enum SegmentMerger {
  /// Merges the given files of segments; they keep their order.
  static func merge(_ sources: [(segment: Segment, files: [Int])]) -> Segment {
    var files: [IndexedFile] = []
    var passages: [PassageRecord] = []
    var codes: [Int8] = []
    var scales: [Float] = []
    var tokens = PassageTokens()
    var strings: [UInt8] = []
    // For each source the new number of a passage or a file, or `gone`.
    var passageNumbers: [[UInt32]] = []
    var fileNumbers: [[UInt32]] = []
    for (segment, kept) in sources {
      var newPassages = [UInt32](repeating: gone, count: segment.passages.count)
      var newFiles = [UInt32](repeating: gone, count: segment.files.count)
      let dimensions = segment.passages.isEmpty ? 0 : segment.codes.count / segment.passages.count
      for number in kept {
        var file = segment.files[number]
        let first = passages.count
        newFiles[number] = UInt32(files.count)
        for passage in file.passages {
          newPassages[passage] = UInt32(passages.count)
          var record = segment.passages[passage]
          record.file = UInt32(files.count)
          // Only the strings of what is kept: those of dead files would pile up from merge to merge.
          record.symbolOffset = copy(segment, record.symbolOffset, Int(record.symbolLength), to: &strings)
          record.namesOffset = copy(segment, record.namesOffset, Int(record.namesLength), to: &strings)
          passages.append(record)
          segment.codes.withUnsafeBufferPointer {
            codes += UnsafeBufferPointer(rebasing: $0[passage * dimensions..<(passage + 1) * dimensions])
          }
          scales.append(segment.scales[passage])
          segment.passageTokens.withTokens(of: passage) { tokens.append($0) }
        }
        file.passages = first..<passages.count
        files.append(file)
      }
      passageNumbers.append(newPassages)
      fileNumbers.append(newFiles)
    }
    return Segment(
      files: files, passages: passages, codes: codes, scales: scales, tokens: tokens,
      passageTerms: merge(sources.map(\.segment.passageTerms), numbers: passageNumbers),
      pathTerms: merge(sources.map(\.segment.pathTerms), numbers: fileNumbers), strings: strings)
  }

  private static let gone = UInt32.max

  private static func copy(_ segment: Segment, _ offset: UInt32, _ length: Int, to strings: inout [UInt8]) -> UInt32 {
    let newOffset = UInt32(strings.count)
    segment.strings.withUnsafeBufferPointer {
      strings += UnsafeBufferPointer(rebasing: $0[Int(offset)..<Int(offset) + length])
    }
    return newOffset
  }

  /// Merges postings; since sources keep their order and each is ascending, the result is ascending.
  private static func merge(_ sources: [StoredPostings], numbers: [[UInt32]]) -> Postings {
    var result = Postings()
    var positions = [Int](repeating: 0, count: sources.count)
    while true {
      var next: Term?
      for (source, position) in zip(sources, positions) where position < source.terms.count {
        next = min(next ?? .max, source.terms[position])
      }
      guard let term = next else { return result }
      let before = result.documents.count
      for index in sources.indices {
        let source = sources[index]
        guard positions[index] < source.terms.count, source.terms[positions[index]] == term else { continue }
        let range = Int(source.offsets[positions[index]])..<Int(source.offsets[positions[index] + 1])
        for posting in range {
          let document = numbers[index][Int(source.documents[posting])]
          if document == gone { continue }
          result.documents.append(document)
          result.impacts.append(source.impacts[posting])
        }
        positions[index] += 1
      }
      if result.documents.count > before {
        result.terms.append(term)
        result.offsets.append(UInt32(result.documents.count))
      }
    }
  }
}
