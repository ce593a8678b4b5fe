#include "BytePairs.h"

#include <stdlib.h>
#include <string.h>

// The packed vocabulary, and the merging of a piece. Always the pair of neighbours is merged that becomes the token with
// the lowest number, of equal ones the leftmost.

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the packed file is used as it lies");

/// Above this many bytes pairs wait in a heap, below they are compared anew after each merge, which is faster there.
enum { CBP_SHORT = 80 };

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

/// The smallest first; four children a node, since a line of memory holds eight entries.
static void sink(uint64_t *heap, size_t count, size_t node) {
  const uint64_t entry = heap[node];
  for (;;) {
    const size_t first = node * 4 + 1;
    if (first >= count) break;
    const size_t end = first + 4 < count ? first + 4 : count;
    size_t least = first;
    for (size_t child = first + 1; child < end; child++)
      if (heap[child] < heap[least]) least = child;
    if (heap[least] >= entry) break;
    heap[node] = heap[least];
    node = least;
  }
  heap[node] = entry;
}

static void rise(uint64_t *heap, size_t node) {
  const uint64_t entry = heap[node];
  while (node > 0) {
    const size_t parent = (node - 1) / 4;
    if (heap[parent] <= entry) break;
    heap[node] = heap[parent];
    node = parent;
  }
  heap[node] = entry;
}

/// A part of a long piece: its token, what it becomes with the next one, and its neighbours' places.
typedef struct {
  uint32_t token, rank, previous, next;
} part;

/// Entries of the heap are a rank above a place, so equal ranks come from the left. A place's rank says whether an entry
/// is still true: parts only grow, so no rank comes to one place twice.
static size_t merge_long(
    const cbp_encoding *encoding, cbp_room *room, const uint8_t *piece, size_t size, int32_t *tokens) {
  if (size >= CBP_NONE) abort();
  // Each merge takes an entry and adds two at most.
  const size_t needed = size * (sizeof(part) + 2 * sizeof(uint64_t));
  if (room->size < needed) {
    free(room->bytes);
    room->bytes = malloc(needed);
    if (!room->bytes) abort();
    room->size = needed;
  }
  uint64_t *heap = room->bytes;
  part *parts = (part *)(void *)(heap + 2 * size);
  for (size_t i = 0; i < size; i++) {
    parts[i].token = encoding->bytes[piece[i]];
    parts[i].previous = i == 0 ? CBP_NONE : (uint32_t)i - 1;
    parts[i].next = i + 1 == size ? CBP_NONE : (uint32_t)i + 1;
    parts[i].rank = CBP_NONE;
  }
  size_t waiting = 0, count = size;
  for (size_t i = 0; i + 1 < size; i++) {
    parts[i].rank = cbp_lookup(encoding, parts[i].token, parts[i + 1].token);
    if (parts[i].rank != CBP_NONE) heap[waiting++] = (uint64_t)parts[i].rank << 32 | i;
  }
  if (waiting > 1)
    for (size_t node = (waiting - 2) / 4 + 1; node-- > 0;) sink(heap, waiting, node);
  while (waiting > 0) {
    const uint32_t place = (uint32_t)heap[0], rank = (uint32_t)(heap[0] >> 32);
    heap[0] = heap[--waiting];
    if (waiting > 0) sink(heap, waiting, 0);
    if (parts[place].rank != rank) continue;
    const uint32_t gone = parts[place].next, next = parts[gone].next, previous = parts[place].previous;
    parts[place].token = rank;
    parts[place].next = next;
    parts[gone].rank = CBP_NONE;
    count--;
    parts[place].rank = CBP_NONE;
    if (next != CBP_NONE) {
      parts[next].previous = place;
      const uint32_t after = parts[place].rank = cbp_lookup(encoding, rank, parts[next].token);
      if (after != CBP_NONE) {
        heap[waiting] = (uint64_t)after << 32 | place;
        rise(heap, waiting++);
      }
    }
    if (previous != CBP_NONE) {
      const uint32_t before = parts[previous].rank = cbp_lookup(encoding, parts[previous].token, rank);
      if (before != CBP_NONE) {
        heap[waiting] = (uint64_t)before << 32 | previous;
        rise(heap, waiting++);
      }
    }
  }
  if (tokens)
    for (uint32_t place = 0; place != CBP_NONE; place = parts[place].next) *tokens++ = (int32_t)parts[place].token;
  // What one giant piece needed is not kept.
  if (room->size > 1 << 20) {
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
