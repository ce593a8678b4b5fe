/// What a declaration is, coarsely enough to mean the same thing in every language.
///
/// Raw values are stored in indexes on disk: never renumber, only append.
public enum SymbolKind: UInt8, Sendable, Hashable, CaseIterable {
  /// Nothing more precise is known.
  case other = 0
  /// A function that belongs to no type.
  case function = 1
  /// A function that belongs to a type.
  case method = 2
  /// An initializer or constructor.
  case constructor = 3
  /// A class, actor or record.
  case `class` = 4
  /// A structure or union.
  case `struct` = 5
  /// An enumeration or variant.
  case `enum` = 6
  /// A protocol, interface, trait or type class.
  case interface = 7
  /// A module, namespace or package.
  case module = 8
  /// A property or field of a type.
  case property = 9
  /// A named value that cannot change.
  case constant = 10
  /// A named value that can change.
  case variable = 11
  /// Another name for a type.
  case typeAlias = 12
  /// A macro.
  case macro = 13
  /// An extension or implementation block.
  case `extension` = 14
  /// A case of an enumeration.
  case enumCase = 15
  /// A heading of a document.
  case heading = 16
  /// A key of a data file.
  case key = 17
  /// A test or a group of tests.
  case test = 18
  /// An operator.
  case `operator` = 19
  /// A build target, stage, rule, resource or another named block.
  case block = 20

  /// Whether declarations nested in this one are its members.
  public var isType: Bool {
    switch self {
    case .class, .struct, .enum, .interface, .extension: true
    default: false
    }
  }

  /// Whether this can be called.
  public var isCallable: Bool {
    switch self {
    case .function, .method, .constructor: true
    default: false
    }
  }
}
