/// A light stemmer for the English in identifiers and comments: it makes the forms of one word equal (`indexes`,
/// `indexed`, `indexing`, `index`), and is content with a stem that is no word.
enum Stemmer {
  /// The length of the stem of a lower-case word, whose bytes may be changed up to there.
  @inline(__always)
  static func stem(_ word: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
    if count <= 3 { return count }
    var length = count
    var last = word[length &- 1]
    if last == 0x73 {  // s
      if word[length &- 2] == 0x73 || word[length &- 2] == 0x75 || word[length &- 2] == 0x69 {
        // class, status, analysis
        return length
      }
      if length > 4, word[length &- 2] == 0x65, word[length &- 3] == 0x69 {  // ies → y
        word[length &- 3] = 0x79
        return length &- 2
      }
      length &-= 1
      if length > 4, word[length &- 1] == 0x65 { return dropped(word, length &- 1) }  // es
      if length <= 3 { return length }
      // The plural goes on as the singular does: `strings` as `string`, `embeds` as `embed`.
      last = word[length &- 1]
    }
    if length > 5, last == 0x67, word[length &- 2] == 0x6E, word[length &- 3] == 0x69 {  // ing
      return dropped(word, length &- 3)
    }
    if length > 4, last == 0x64, word[length &- 2] == 0x65 {  // ed
      if word[length &- 3] == 0x69 {  // ied → y
        word[length &- 3] = 0x79
        return length &- 2
      }
      // agreed → agre, as agree; need, speed stay themselves
      if word[length &- 3] == 0x65 { return length > 5 ? length &- 2 : length }
      return dropped(word, length &- 2)
    }
    if length > 4, last == 0x65 { return length &- 1 }  // cache → cach, as caching
    return length
  }

  /// After a suffix is gone: `runn` → `run`, `cach` stays.
  @inline(__always)
  private static func dropped(_ word: UnsafePointer<UInt8>, _ length: Int) -> Int {
    if length < 3 { return length }
    let last = word[length &- 1]
    if last == word[length &- 2], last != 0x6C, last != 0x73, last != 0x7A, length > 3 { return length &- 1 }
    return length
  }
}
