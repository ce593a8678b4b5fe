#include "BytePairs.h"

#include <stdlib.h>
#include <string.h>

// Counting a text: most of its pieces were seen before, so what they count is remembered. Keys are the pieces themselves,
// not hashes of them, so a count is never that of another piece.

enum { CBP_WORDS = 1 << 15, CBP_ENCODED = 1 << 14, CBP_PHRASES = 1 << 10, CBP_PHRASE = 62 };

/// A piece of up to 15 bytes. The last byte is its length, and its count in the upper half.
typedef struct {
  uint64_t low, high;
} word_entry;

/// A piece of 16 to 62 bytes: indentation, rules, long names.
typedef struct {
  uint8_t bytes[CBP_PHRASE], size, count;
} phrase_entry;

/// A piece of up to 15 bytes and its tokens, if these are not too many.
typedef struct {
  word_entry word;
  int32_t tokens[4];
} encoded_entry;

struct cbp_workspace {
  word_entry *words;
  /// Null until something is encoded.
  encoded_entry *encoded;
  phrase_entry *phrases;
  cbp_room room;
};

#define COUNT_BITS ((uint64_t)0xF0 << 56)

cbp_workspace *cbp_workspace_create(void) {
  // Pages that are not touched cost nothing, so few short texts need little.
  cbp_workspace *workspace = calloc(1, sizeof *workspace);
  if (!workspace) abort();
  workspace->words = calloc(CBP_WORDS, sizeof(word_entry));
  workspace->phrases = calloc(CBP_PHRASES, sizeof(phrase_entry));
  if (!workspace->words || !workspace->phrases) abort();
  return workspace;
}

void cbp_workspace_destroy(cbp_workspace *workspace) {
  free(workspace->words);
  free(workspace->encoded);
  free(workspace->phrases);
  free(workspace->room.bytes);
  free(workspace);
}

/// The key of a piece of up to 15 bytes; it has no count.
static inline word_entry word_key(const uint8_t *piece, size_t size, const uint8_t *end) {
  word_entry key = {0, 0};
  if (end - piece >= 16) {
    memcpy(&key, piece, 16);
    if (size < 8) {
      key.low &= ~(~(uint64_t)0 << size * 8);
      key.high = 0;
    } else {
      key.high &= ~(~(uint64_t)0 << (size - 8) * 8);
    }
  } else {
    memcpy(&key, piece, size);
  }
  key.high |= (uint64_t)size << 56;
  return key;
}

static inline bool is_same(word_entry entry, word_entry key) {
  return entry.low == key.low && (entry.high & ~COUNT_BITS) == key.high;
}

static inline size_t word_hash(word_entry key) {
  return (key.low ^ (key.high << 32 | key.high >> 32) * 0xBF58476D1CE4E5B9u) * 0x9E3779B97F4A7C15u >> 32;
}

/// A set is two entries, the last one used first.
static inline size_t count_word(
    const cbp_encoding *encoding, cbp_workspace *workspace, const uint8_t *piece, size_t size, const uint8_t *end) {
  const word_entry key = word_key(piece, size, end);
  word_entry *set = workspace->words + (word_hash(key) & (CBP_WORDS - 2));
  if (is_same(*set, key)) return set->high >> 60;
  word_entry found = set[1];
  if (!is_same(found, key)) {
    found = key;
    found.high |= (uint64_t)cbp_merge(encoding, &workspace->room, piece, size, NULL) << 60;
  }
  set[1] = set[0];
  set[0] = found;
  return found.high >> 60;
}

static size_t count_phrase(
    const cbp_encoding *encoding, cbp_workspace *workspace, const uint8_t *piece, size_t size) {
  uint64_t mixed = size;
  for (size_t i = 0; i + 8 <= size; i += 8) {
    uint64_t eight;
    memcpy(&eight, piece + i, 8);
    mixed = (mixed ^ eight) * 0x9E3779B97F4A7C15u;
    mixed ^= mixed >> 32;
  }
  uint64_t last;
  memcpy(&last, piece + size - 8, 8);
  mixed = (mixed ^ last) * 0x9E3779B97F4A7C15u;
  phrase_entry *entry = workspace->phrases + (mixed >> 40 & (CBP_PHRASES - 1));
  if (entry->size == size && memcmp(entry->bytes, piece, size) == 0) return entry->count;
  const size_t count = cbp_merge(encoding, &workspace->room, piece, size, NULL);
  memcpy(entry->bytes, piece, size);
  entry->size = (uint8_t)size;
  entry->count = (uint8_t)count;
  return count;
}

static inline size_t count_piece(
    const cbp_encoding *encoding, cbp_workspace *workspace, const uint8_t *piece, size_t size, const uint8_t *end) {
  if (size == 1) return 1;
  if (size < 16) return count_word(encoding, workspace, piece, size, end);
  if (size <= CBP_PHRASE) return count_phrase(encoding, workspace, piece, size);
  return cbp_merge(encoding, &workspace->room, piece, size, NULL);
}

size_t cbp_count(const cbp_encoding *encoding, cbp_workspace *workspace, const uint8_t *text, size_t size) {
  size_t count = 0;
  for (size_t start = 0; start < size;) {
    const size_t end = cbp_piece_end(encoding, text, size, start);
    count += count_piece(encoding, workspace, text + start, end - start, text + size);
    start = end;
  }
  return count;
}

size_t cbp_count_limited(
    const cbp_encoding *encoding, cbp_workspace *workspace, const uint8_t *text, size_t size, size_t limit,
    size_t *size_taken) {
  size_t count = 0, start = 0;
  while (start < size) {
    const size_t end = cbp_piece_end(encoding, text, size, start);
    const size_t more = count_piece(encoding, workspace, text + start, end - start, text + size);
    if (more > limit - count) break;
    count += more;
    start = end;
  }
  *size_taken = start;
  return count;
}

size_t cbp_count_piece(
    const cbp_encoding *encoding, cbp_workspace *workspace, const uint8_t *piece, size_t size) {
  return size == 0 ? 0 : count_piece(encoding, workspace, piece, size, piece + size);
}

static inline size_t encode_piece(
    const cbp_encoding *encoding, cbp_workspace *workspace, const uint8_t *piece, size_t size, const uint8_t *end,
    int32_t *tokens) {
  if (size == 1) {
    *tokens = (int32_t)encoding->bytes[*piece];
    return 1;
  }
  if (size >= 16) return cbp_merge(encoding, &workspace->room, piece, size, tokens);
  const word_entry key = word_key(piece, size, end);
  encoded_entry *entry = workspace->encoded + (word_hash(key) & (CBP_ENCODED - 1));
  if (is_same(entry->word, key)) {
    const size_t count = entry->word.high >> 60;
    for (size_t i = 0; i < count; i++) tokens[i] = entry->tokens[i];
    return count;
  }
  const size_t count = cbp_merge(encoding, &workspace->room, piece, size, tokens);
  if (count <= 4) {
    entry->word = key;
    entry->word.high |= (uint64_t)count << 60;
    for (size_t i = 0; i < count; i++) entry->tokens[i] = tokens[i];
  }
  return count;
}

size_t cbp_encode(
    const cbp_encoding *encoding, cbp_workspace *workspace, const uint8_t *text, size_t size, int32_t *tokens) {
  if (!workspace->encoded) workspace->encoded = calloc(CBP_ENCODED, sizeof(encoded_entry));
  if (!workspace->encoded) abort();
  size_t count = 0;
  for (size_t start = 0; start < size;) {
    const size_t end = cbp_piece_end(encoding, text, size, start);
    count += encode_piece(encoding, workspace, text + start, end - start, text + size, tokens + count);
    start = end;
  }
  return count;
}
