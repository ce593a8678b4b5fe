#include "BytePairs.h"

#include <stdlib.h>
#include <string.h>

// The packed vocabulary, and the merging of a piece. Always the pair of neighbours is merged that becomes the token with
// the lowest number, of equal ones the leftmost.

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the packed file is used as it lies");

/// Above this many bytes pairs are kept in order; below, all are compared anew after each merge, which is faster there.
enum { CBP_SHORT = 96 };

static uint32_t word(const uint8_t *data, size_t offset) {
  uint32_t value;
  memcpy(&value, data + offset, sizeof value);
  return value;
}

static bool fits(uint32_t offset, uint64_t count, size_t unit, size_t size) {
  return offset % 64 == 0 && offset <= size && count * unit <= size - offset;
}

bool cbp_open(const uint8_t *data, size_t size, uint32_t number, cbp_encoding *encoding) {
  if ((uintptr_t)data % 64 != 0 || size < 256 || number > 1 || memcmp(data, "BYTEPAIR", 8) != 0) return false;
  if (word(data, 8) != 1 || word(data, 12) <= number) return false;
  const uint32_t class_index = word(data, 16), class_blocks = word(data, 20);
  if (!fits(class_index, 0x1100, 1, size) || !fits(class_blocks, 256, 1, size)) return false;
  for (uint32_t i = 0; i < 0x1100; i++)
    if ((data[class_index + i] + (uint64_t)1) * 256 > size - class_blocks) return false;
  const size_t header = 32 + 32 * (size_t)number;
  encoding->tokens = word(data, header);
  encoding->slot_count = word(data, header + 4);
  encoding->pilot_count = word(data, header + 8);
  const uint32_t slots = word(data, header + 12), pilots = word(data, header + 16), bytes = word(data, header + 20);
  if (encoding->slot_count == 0 || encoding->pilot_count == 0) return false;
  if (!fits(slots, encoding->slot_count, 8, size) || !fits(pilots, encoding->pilot_count, 2, size)) return false;
  if (!fits(bytes, 256, 4, size)) return false;
  encoding->slots = (const uint64_t *)(const void *)(data + slots);
  encoding->pilots = (const uint16_t *)(const void *)(data + pilots);
  encoding->bytes = (const uint32_t *)(const void *)(data + bytes);
  encoding->class_index = data + class_index;
  encoding->class_blocks = data + class_blocks;
  encoding->is_o200k = number == 0;
  return true;
}

uint32_t cbp_merged(const cbp_encoding *encoding, uint32_t left, uint32_t right) {
  return cbp_lookup(encoding, left, right);
}

static size_t merge_short(const cbp_encoding *encoding, const uint8_t *piece, size_t size, int32_t *tokens) {
  uint32_t parts[CBP_SHORT + 1], ranks[CBP_SHORT + 1];
  size_t count = size;
  for (size_t i = 0; i < size; i++) parts[i] = encoding->bytes[piece[i]];
  for (size_t i = 0; i + 1 < size; i++) ranks[i] = cbp_lookup(encoding, parts[i], parts[i + 1]);
  while (count > 1) {
    uint32_t best = CBP_NONE;
    size_t place = 0;
    for (size_t i = 0; i + 1 < count; i++) {
      if (ranks[i] < best) {
        best = ranks[i];
        place = i;
      }
    }
    if (best == CBP_NONE) break;
    parts[place] = best;
    count--;
    for (size_t i = place + 1; i < count; i++) parts[i] = parts[i + 1];
    for (size_t i = place; i + 1 < count; i++) ranks[i] = ranks[i + 1];
    if (place + 1 < count) ranks[place] = cbp_lookup(encoding, best, parts[place + 1]);
    if (place > 0) ranks[place - 1] = cbp_lookup(encoding, parts[place - 1], best);
  }
  if (tokens) memcpy(tokens, parts, count * sizeof *parts);
  return count;
}

/// A part of a long piece: its token, what it becomes with the next one, its neighbours' places, and those of the parts
/// that come before and after it among all of this rank.
typedef struct {
  uint32_t token, rank, previous, next, link_back, link;
} part;

/// The parts by their rank. Merging makes pairs of higher ranks only, since a token's number is above those of its
/// halves; so ranks are gone through once, upwards.
typedef struct {
  part *parts;
  uint32_t *first, *last;
  /// Which ranks there are: only of these `first` and `last` say something.
  uint64_t *present;
} ranking;

static void enlist(ranking *ranking, uint32_t place, uint32_t rank) {
  part *part = ranking->parts + place;
  part->rank = rank;
  if (rank == CBP_NONE) return;
  uint64_t *word = ranking->present + rank / 64;
  const uint64_t bit = (uint64_t)1 << rank % 64;
  part->link = CBP_NONE;
  if (*word & bit) {
    part->link_back = ranking->last[rank];
    ranking->parts[part->link_back].link = place;
  } else {
    *word |= bit;
    part->link_back = CBP_NONE;
    ranking->first[rank] = place;
  }
  ranking->last[rank] = place;
}

static void delist(ranking *ranking, uint32_t place) {
  const part part = ranking->parts[place];
  if (part.rank == CBP_NONE) return;
  if (part.link_back == CBP_NONE) {
    ranking->first[part.rank] = part.link;
  } else {
    ranking->parts[part.link_back].link = part.link;
  }
  if (part.link == CBP_NONE) {
    ranking->last[part.rank] = part.link_back;
  } else {
    ranking->parts[part.link].link_back = part.link_back;
  }
  if (part.link_back == CBP_NONE && part.link == CBP_NONE)
    ranking->present[part.rank / 64] &= ~((uint64_t)1 << part.rank % 64);
  ranking->parts[place].rank = CBP_NONE;
}

static int by_place(const void *left, const void *right) {
  const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return (a > b) - (a < b);
}

/// Puts the parts of a rank in the order of their places, where they are not. `places` has room for all.
static void sort_rank(ranking *ranking, uint32_t rank, uint32_t *places) {
  size_t count = 0;
  bool sorted = true;
  for (uint32_t place = ranking->first[rank]; place != CBP_NONE; place = ranking->parts[place].link) {
    sorted = sorted && (count == 0 || places[count - 1] < place);
    places[count++] = place;
  }
  if (sorted) return;
  qsort(places, count, sizeof *places, by_place);
  ranking->first[rank] = places[0];
  ranking->last[rank] = places[count - 1];
  for (size_t i = 0; i < count; i++) {
    ranking->parts[places[i]].link_back = i == 0 ? CBP_NONE : places[i - 1];
    ranking->parts[places[i]].link = i + 1 == count ? CBP_NONE : places[i + 1];
  }
}

static size_t merge_long(
    const cbp_encoding *encoding, cbp_room *room, const uint8_t *piece, size_t size, int32_t *tokens) {
  if (size >= CBP_NONE) abort();
  const size_t words = (encoding->tokens + 63) / 64;
  const size_t needed = words * 8 + encoding->tokens * 8 + size * (sizeof(part) + sizeof(uint32_t));
  if (room->size < needed) {
    free(room->bytes);
    room->bytes = malloc(needed);
    if (!room->bytes) abort();
    room->size = needed;
  }
  ranking ranking;
  ranking.present = room->bytes;
  ranking.first = (uint32_t *)(void *)(ranking.present + words);
  ranking.last = ranking.first + encoding->tokens;
  ranking.parts = (part *)(void *)(ranking.last + encoding->tokens);
  uint32_t *places = (uint32_t *)(void *)(ranking.parts + size);
  memset(ranking.present, 0, words * 8);
  part *parts = ranking.parts;
  for (size_t i = 0; i < size; i++) {
    parts[i].token = encoding->bytes[piece[i]];
    parts[i].previous = i == 0 ? CBP_NONE : (uint32_t)i - 1;
    parts[i].next = i + 1 == size ? CBP_NONE : (uint32_t)i + 1;
    parts[i].rank = CBP_NONE;
  }
  for (size_t i = 0; i + 1 < size; i++)
    enlist(&ranking, (uint32_t)i, cbp_lookup(encoding, parts[i].token, parts[i + 1].token));
  size_t count = size;
  for (size_t word = 0; word < words; word++) {
    while (ranking.present[word] != 0) {
      const uint32_t rank = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(ranking.present[word]);
      const uint32_t some = ranking.first[rank];
      // Only pairs of equal halves can overlap; of all others the order means nothing.
      if (parts[some].token == parts[parts[some].next].token) sort_rank(&ranking, rank, places);
      while (ranking.present[word] >> rank % 64 & 1) {
        const uint32_t place = ranking.first[rank], gone = parts[place].next;
        const uint32_t next = parts[gone].next, previous = parts[place].previous;
        delist(&ranking, place);
        delist(&ranking, gone);
        parts[place].token = rank;
        parts[place].next = next;
        count--;
        if (next != CBP_NONE) {
          parts[next].previous = place;
          enlist(&ranking, place, cbp_lookup(encoding, rank, parts[next].token));
        }
        if (previous != CBP_NONE) {
          delist(&ranking, previous);
          enlist(&ranking, previous, cbp_lookup(encoding, parts[previous].token, rank));
        }
      }
    }
  }
  if (tokens)
    for (uint32_t place = 0; place != CBP_NONE; place = parts[place].next) *tokens++ = (int32_t)parts[place].token;
  // What one giant piece needed is not kept.
  if (room->size > 4 << 20) {
    free(room->bytes);
    room->bytes = NULL;
    room->size = 0;
  }
  return count;
}

size_t cbp_merge(
    const cbp_encoding *encoding, cbp_room *room, const uint8_t *piece, size_t size, int32_t *tokens) {
  return size <= CBP_SHORT ? merge_short(encoding, piece, size, tokens)
                           : merge_long(encoding, room, piece, size, tokens);
}
