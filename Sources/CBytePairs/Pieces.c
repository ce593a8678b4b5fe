#include "BytePairs.h"

#include <string.h>

// Takes text apart as the regular expressions of the encodings do, alternative by alternative, but without one.

static inline uint8_t class_of(const cbp_encoding *encoding, uint32_t character) {
  return encoding->class_blocks[(size_t)encoding->class_index[character >> 8] << 8 | (character & 0xFF)];
}

uint8_t cbp_class(const cbp_encoding *encoding, uint32_t character) { return class_of(encoding, character); }

/// The class of the character at a place, and its length.
static inline uint8_t class_at(const cbp_encoding *encoding, const uint8_t *at, size_t *length) {
  const uint8_t first = *at;
  if (first < 0x80) {
    *length = 1;
    return encoding->class_blocks[(size_t)encoding->class_index[0] << 8 | first];
  }
  if (first < 0xE0) {
    *length = 2;
    return class_of(encoding, (first & 0x1Fu) << 6 | (at[1] & 0x3Fu));
  }
  if (first < 0xF0) {
    *length = 3;
    return class_of(encoding, (first & 0xFu) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu));
  }
  *length = 4;
  return class_of(encoding, (first & 0x7u) << 18 | (at[1] & 0x3Fu) << 12 | (at[2] & 0x3Fu) << 6 | (at[3] & 0x3Fu));
}

/// The end of a run of characters of some classes.
static inline const uint8_t *run(
    const cbp_encoding *encoding, const uint8_t *at, const uint8_t *end, uint8_t classes) {
  size_t length;
  while (at < end && class_at(encoding, at, &length) & classes) at += length;
  return at;
}

/// The end of `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d` in any case, or where it would start. U+017F, the long s, is
/// an s in another case.
static const uint8_t *contraction(const uint8_t *at, const uint8_t *end) {
  if (end - at < 2 || *at != '\'') return at;
  const uint8_t first = at[1] | 0x20;
  if (at[1] >= 0x80) return end - at >= 3 && at[1] == 0xC5 && at[2] == 0xBF ? at + 3 : at;
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return at + 2;
  if (end - at < 3 || at[2] >= 0x80) return at;
  const uint8_t second = at[2] | 0x20;
  const bool is_one = (first == 'l' && second == 'l') || ((first == 'r' || first == 'v') && second == 'e');
  return is_one ? at + 3 : at;
}

/// `\s*[\r\n]+`, `\s+(?!\S)` and `\s+`: up to the last end of a line; otherwise all to the end of the text, or all
/// blanks but the last, which belongs to what follows; or a single one.
static const uint8_t *space(const cbp_encoding *encoding, const uint8_t *at, const uint8_t *end) {
  const uint8_t *newline = NULL, *last = at, *place = at;
  size_t length;
  while (place < end) {
    const uint8_t class = class_at(encoding, place, &length);
    if (!(class & CBP_SPACE)) break;
    last = place;
    place += length;
    if (class & CBP_NEWLINE) newline = place;
  }
  // The end of the text is asked for first by cl100k_base, by o200k_base ends of lines are.
  if (place == end && (!encoding->is_o200k || !newline)) return end;
  if (newline) return newline;
  return last > at ? last : place;
}

/// `\p{N}{1,3}`
static const uint8_t *digits(const cbp_encoding *encoding, const uint8_t *at, const uint8_t *end) {
  size_t length;
  for (int i = 0; i < 3 && at < end && class_at(encoding, at, &length) & CBP_NUMBER; i++) at += length;
  return at;
}

/// `[Lu Lt Lm Lo M]*[Ll Lm Lo M]+` or else `[Lu Lt Lm Lo M]+[Ll Lm Lo M]*`, then a contraction; or where it would start.
///
/// Where the first part stops at a lower-case letter, that starts the second. Elsewhere the first gives back: to its last
/// character that may stand in the second, which then has this one only. If there is none, all are upper case, and the
/// other expression takes them.
static const uint8_t *cased(const cbp_encoding *encoding, const uint8_t *at, const uint8_t *end) {
  const uint8_t *given_back = NULL, *place = at;
  size_t length;
  while (place < end) {
    const uint8_t class = class_at(encoding, place, &length);
    if (class & CBP_LOWER) {
      place = run(encoding, place + length, end, CBP_LOWER | CBP_OTHER_LETTER | CBP_MARK);
      return contraction(place, end);
    }
    if (!(class & (CBP_UPPER | CBP_OTHER_LETTER | CBP_MARK))) break;
    place += length;
    if (!(class & CBP_UPPER)) given_back = place;
  }
  if (given_back) return contraction(given_back, end);
  return place > at ? contraction(place, end) : at;
}

static inline const uint8_t *piece_o200k(const cbp_encoding *encoding, const uint8_t *at, const uint8_t *end) {
  size_t length;
  const uint8_t class = class_at(encoding, at, &length);
  // A mark could stand before letters like a symbol, too, which comes to the same.
  if (class & (CBP_LETTER | CBP_MARK)) return cased(encoding, at, end);
  if (class & CBP_NUMBER) return digits(encoding, at, end);
  if (class & CBP_NEWLINE) return space(encoding, at, end);
  // One character before letters belongs to them.
  const uint8_t *next = at + length;
  uint8_t next_class = 0;
  if (next < end) {
    next_class = class_at(encoding, next, &length);
    if (next_class & (CBP_LETTER | CBP_MARK)) return cased(encoding, next, end);
  }
  // ` ?[^\s\p{L}\p{N}]+[\r\n/]*`
  if (class & CBP_SYMBOL || (*at == ' ' && next_class & CBP_SYMBOL)) {
    const uint8_t *place = run(encoding, next, end, CBP_SYMBOL | CBP_MARK);
    while (place < end && (*place == '\r' || *place == '\n' || *place == '/')) place++;
    return place;
  }
  return space(encoding, at, end);
}

static inline const uint8_t *piece_cl100k(const cbp_encoding *encoding, const uint8_t *at, const uint8_t *end) {
  if (*at == '\'') {
    const uint8_t *place = contraction(at, end);
    if (place > at) return place;
  }
  size_t length;
  const uint8_t class = class_at(encoding, at, &length);
  if (class & CBP_LETTER) return run(encoding, at + length, end, CBP_LETTER);
  if (class & CBP_NUMBER) return digits(encoding, at, end);
  if (class & CBP_NEWLINE) return space(encoding, at, end);
  const uint8_t *next = at + length;
  uint8_t next_class = 0;
  if (next < end) {
    next_class = class_at(encoding, next, &length);
    if (next_class & CBP_LETTER) return run(encoding, next + length, end, CBP_LETTER);
  }
  // ` ?[^\s\p{L}\p{N}]++[\r\n]*+`
  if (class & (CBP_SYMBOL | CBP_MARK) || (*at == ' ' && next_class & (CBP_SYMBOL | CBP_MARK))) {
    const uint8_t *place = run(encoding, next, end, CBP_SYMBOL | CBP_MARK);
    while (place < end && (*place == '\r' || *place == '\n')) place++;
    return place;
  }
  return space(encoding, at, end);
}

size_t cbp_piece_end(const cbp_encoding *encoding, const uint8_t *text, size_t size, size_t start) {
  const uint8_t *at = text + start, *end = text + size;
  return (size_t)((encoding->is_o200k ? piece_o200k(encoding, at, end) : piece_cl100k(encoding, at, end)) - text);
}

bool cbp_is_utf8(const uint8_t *text, size_t size) {
  size_t i = 0;
  while (i < size) {
    if (size - i >= 8) {
      uint64_t eight;
      memcpy(&eight, text + i, 8);
      if ((eight & 0x8080808080808080u) == 0) {
        i += 8;
        continue;
      }
    }
    const uint8_t first = text[i];
    if (first < 0x80) {
      i++;
      continue;
    }
    const size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first < 0xC2 || first > 0xF4 || size - i < length) return false;
    for (size_t k = 1; k < length; k++)
      if ((text[i + k] & 0xC0) != 0x80) return false;
    const uint8_t second = text[i + 1];
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return false;
    if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return false;
    i += length;
  }
  return true;
}
