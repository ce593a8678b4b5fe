#pragma once
#include "CBytePairs.h"

// What the files of this target share.

#define CBP_NONE UINT32_MAX

enum {
  CBP_UPPER = 1,
  CBP_LOWER = 2,
  CBP_OTHER_LETTER = 4,
  CBP_MARK = 8,
  CBP_NUMBER = 16,
  CBP_BLANK = 32,
  CBP_NEWLINE = 64,
  CBP_SYMBOL = 128,
  CBP_LETTER = CBP_UPPER | CBP_LOWER | CBP_OTHER_LETTER,
  CBP_SPACE = CBP_BLANK | CBP_NEWLINE,
};

/// A key well mixed, as `mixed` in the script that packs.
static inline uint64_t cbp_mixed(uint64_t key) {
  uint64_t value = key * 0x9E3779B97F4A7C15u;
  value ^= value >> 29;
  return value * 0xBF58476D1CE4E5B9u;
}

static inline uint32_t cbp_lookup(const cbp_encoding *encoding, uint32_t left, uint32_t right) {
  const uint64_t key = (uint64_t)left << 18 | right;
  const uint64_t value = cbp_mixed(key);
  const uint32_t pilot = encoding->pilots[(value >> 32) * encoding->pilot_count >> 32];
  const uint32_t place = ((uint32_t)value ^ pilot * 0x9E3779B1u) * 0x85EBCA6Bu;
  const uint64_t slot = encoding->slots[(uint64_t)place * encoding->slot_count >> 32];
  return slot >> 18 == key ? (uint32_t)slot & 0x3FFFF : CBP_NONE;
}

/// Memory that grows; what was in it is lost.
typedef struct {
  void *bytes;
  size_t size;
} cbp_room;

/// Merges the tokens of a piece, its bytes at first, until no pair of neighbours is a token. Returns how many are left,
/// and writes them if `tokens` is not null. A piece has fewer than 2^32 bytes.
size_t cbp_merge(
    const cbp_encoding *encoding, cbp_room *room, const uint8_t *piece, size_t size, int32_t *tokens);
